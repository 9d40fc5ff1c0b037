'use client';
/**
 * Uploads that survive navigation: what sends them lives above the pages. Mounted once by the shell, inside the API provider.
 * Screens call `useUploads().add`. Its code is loaded by the first page that shows files.
 */
import dynamic from 'next/dynamic';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import type { FileToUpload } from './dropped-files.ts';
import type { UploadEngine, UploadTarget } from './upload-engine.ts';

const RunningUploads = dynamic(async () => (await import('./running-uploads.tsx')).RunningUploads, { ssr: false });

interface Uploads {
  add: (files: readonly FileToUpload[], target: UploadTarget) => void;
  /** Shows what was left unfinished in this storage. */
  look: (target: UploadTarget) => void;
}

const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (!uploads) throw new Error('useUploads needs an UploadProvider');
  return uploads;
}

export function useUnfinishedUploads(target: UploadTarget): void {
  const { look } = useUploads();
  const latest = useRef(target);
  useEffect(() => {
    latest.current = target;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a storage, whatever folder is shown
  useEffect(() => look(latest.current), [look, target.storageId]);
}

export function UploadProvider({ children }: { children: ReactNode }) {
  const [needed, setNeeded] = useState(false);
  const [{ uploads, onReady }] = useState(() => {
    let onReady: (engine: UploadEngine) => void = () => {};
    const ready = new Promise<UploadEngine>((resolve) => {
      onReady = resolve;
    });
    const later = (use: (engine: UploadEngine) => void) => {
      setNeeded(true);
      void ready.then(use);
    };
    const uploads: Uploads = {
      add: (files, target) => later((engine) => engine.add(files, target)),
      look: (target) => later((engine) => void engine.look(target)),
    };
    return { uploads, onReady };
  });
  return (
    <UploadsContext value={uploads}>
      {children}
      {needed ? <RunningUploads onReady={onReady} /> : null}
    </UploadsContext>
  );
}
