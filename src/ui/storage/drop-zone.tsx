'use client';
/** Takes files and folders that are dropped anywhere on it. */
import { Upload } from 'lucide-react';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { droppedFiles } from './dropped-files.ts';
import { type UploadTarget, useUploads } from './upload-provider.tsx';

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

export function DropZone({ target, children }: { target: UploadTarget; children: ReactNode }) {
  const t = useT();
  const { add } = useUploads();
  const [over, setOver] = useState(false);
  // Each child entered and left counts; only the last leave is the zone's.
  const depth = useRef(0);
  const place = `${target.storageName}/${target.folder}`.replace(/\/$/, '');

  const move = (by: 1 | -1) => (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  async function drop(event: DragEvent) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    try {
      add(await droppedFiles(event.dataTransfer), target);
    } catch {
      toast.error(t('storage.files.dropReadFailed'));
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut for a pointer; the Upload button does the same
    <div
      className="relative min-h-64"
      onDragEnter={move(1)}
      onDragLeave={move(-1)}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault();
      }}
      onDrop={(event) => void drop(event)}
    >
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-0 z-20 flex animate-fade items-center justify-center rounded-lg border-2 border-accent border-dashed bg-accent-soft/90">
          <p className="flex items-center gap-2 px-4 font-medium text-accent-ink">
            <Upload className="icon" aria-hidden />
            <span className="break-words">{t('storage.files.drop', { folder: place })}</span>
          </p>
        </div>
      ) : null}
    </div>
  );
}
