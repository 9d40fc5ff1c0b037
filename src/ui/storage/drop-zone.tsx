'use client';
/** Takes files and folders dropped anywhere in the window, where one that missed its target would replace the page, or pasted. */
import { Upload } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { droppedFiles, pastedFiles } from './dropped-files.ts';
import type { UploadTarget } from './upload-engine.ts';
import { useUploads } from './upload-provider.tsx';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

export function DropZone({ target, children }: { target: UploadTarget; children: ReactNode }) {
  const t = useT();
  const over = useWindowDrop(target);
  const place = `${target.storageName}/${target.folder}`.replace(/\/$/, '');
  return (
    <div className="relative min-h-64">
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-0 z-20 flex animate-fade items-center justify-center rounded-lg border-2 border-accent border-dashed bg-accent-soft/90">
          <p className="flex min-w-0 items-center gap-2 px-4 font-medium text-accent-ink">
            <Upload className="icon" aria-hidden />
            <span className="min-w-0 break-words">{t('storage.files.drop', { folder: place })}</span>
          </p>
        </div>
      ) : null}
    </div>
  );
}

/** Whether files are being dragged over the window right now. */
function useWindowDrop(target: UploadTarget): boolean {
  const t = useT();
  const { add } = useUploads();
  const [over, setOver] = useState(false);
  const latest = useRef(target);
  useEffect(() => {
    latest.current = target;
  });
  useEffect(() => {
    const refused = t('storage.files.dropReadFailed');
    const closed = new AbortController();
    const drag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      setOver(false);
      const to = latest.current;
      droppedFiles(event.dataTransfer).then(
        (files) => add(files, to),
        () => toast.error(refused),
      );
    };
    const paste = (event: ClipboardEvent) => {
      const { clipboardData, target: focused } = event;
      if (!clipboardData?.types.includes('Files') || isTyping(focused)) return;
      event.preventDefault();
      const to = latest.current;
      droppedFiles(clipboardData).then(
        (files) =>
          add(
            pastedFiles(files, (time) => t('upload.pastedImage', { time }), Date.now()),
            to,
          ),
        () => toast.error(refused),
      );
    };
    const { signal } = closed;
    window.addEventListener('paste', paste, { signal });
    window.addEventListener('dragenter', drag, { signal });
    window.addEventListener('dragover', drag, { signal });
    window.addEventListener('dragleave', leave, { signal });
    window.addEventListener('drop', drop, { signal });
    return () => closed.abort();
  }, [t, add]);
  return over;
}

/** Where pasting means the text: office programs put a picture of it beside. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea'));
}
