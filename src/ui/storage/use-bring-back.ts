'use client';
/** Brings back an older content of one file. That can be undone: what was there before is a version, or it was not there. */
import { useState } from 'react';
import { randomText, type StorageId } from '../../domain/ids.ts';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import type { FileVersion } from './kept-files.ts';
import { useRestore } from './use-restore.ts';

export interface BroughtBack {
  version: FileVersion;
  /** What was there before; null = the file was gone. */
  before: FileVersion | null;
  /** The server still works on it. */
  running: boolean;
}

export function useBringBack(id: StorageId, key: string) {
  const utils = trpc.useUtils();
  const { restore, busy } = useRestore(id);
  const [restored, setRestored] = useState<BroughtBack | null>(null);

  function undo(): void {
    const before = restored?.before;
    setRestored(null);
    if (before) return void restore([{ key, versionId: before.versionId }], { onDone: () => undefined });
    utils.client.files.delete.mutate({ id, keys: [key], clientKey: randomText(20) }).then(
      () => void utils.files.invalidate(),
      (error: unknown) => toast.error(shownError(error).message),
    );
  }

  return {
    busy,
    restored,
    undo,
    restore: (version: FileVersion, before: FileVersion | null) =>
      void restore([{ key, versionId: version.versionId }], {
        onDone: ({ status }) => setRestored({ version, before, running: status === 'running' }),
      }),
  };
}
