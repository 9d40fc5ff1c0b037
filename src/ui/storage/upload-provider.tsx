'use client';
/**
 * Uploads that survive navigation: the queue and its transfers live above the pages, the tray shows them. Mounted once by the
 * shell, inside the API provider. Screens call `useUploads().add`.
 */
import dynamic from 'next/dynamic';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'react';
import { randomText, type StorageId } from '../../domain/ids.ts';
import { keyFault } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { trpc } from '../trpc-client.tsx';
import type { FileToUpload } from './dropped-files.ts';
import { sendFile } from './send-file.ts';
import { isEnded, type QueueEvent, queueReducer, startable, type Upload } from './upload-queue.ts';

const UploadTray = dynamic(async () => (await import('./upload-tray.tsx')).UploadTray, { ssr: false });

/** A browser allows six connections to a host; the live stream and ordinary calls need the rest. */
const PARALLEL = 3;
const REFRESH_AFTER_MS = 300;

export interface UploadTarget {
  storageId: StorageId;
  storageName: string;
  /** Empty or ending in a slash. */
  folder: string;
}

interface Uploads {
  add: (files: readonly FileToUpload[], target: UploadTarget) => void;
}

const UploadsContext = createContext<Uploads | null>(null);

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext);
  if (!uploads) throw new Error('useUploads needs an UploadProvider');
  return uploads;
}

export function UploadProvider({ children }: { children: ReactNode }) {
  const t = useT();
  const [queue, dispatch] = useReducer(queueReducer, []);
  const files = useRef(new Map<string, File>());
  const running = useRef(new Map<string, () => void>());
  const refresh = useFolderRefresh();
  const noAnswer = t('storage.upload.noAnswer');

  useEffect(() => {
    for (const upload of startable(queue, PARALLEL)) {
      const file = files.current.get(upload.id);
      if (!file || running.current.has(upload.id)) continue;
      dispatch({ type: 'started', id: upload.id });
      const { result, cancel } = sendFile({
        storageId: upload.storageId,
        key: upload.key,
        file,
        replace: upload.replace,
        onProgress: (sentBytes) => dispatch({ type: 'progress', id: upload.id, sentBytes }),
      });
      running.current.set(upload.id, cancel);
      void result.then((sent) => {
        running.current.delete(upload.id);
        if (sent.kind === 'failed') dispatch({ type: 'failed', id: upload.id, message: sent.message ?? noAnswer });
        else if (sent.kind === 'cancelled') dispatch({ type: 'cancel', id: upload.id });
        else dispatch({ type: sent.kind, id: upload.id });
        if (sent.kind !== 'done') return;
        files.current.delete(upload.id);
        refresh(upload.storageId);
      });
    }
  }, [queue, noAnswer, refresh]);

  const add = useCallback((found: readonly FileToUpload[], target: UploadTarget) => {
    const uploads = found.map(({ file, path }): Upload => {
      const id = randomText(12);
      files.current.set(id, file);
      const key = target.folder + path;
      const fault = keyFault(key);
      return {
        ...target,
        id,
        path,
        key,
        sizeBytes: file.size,
        sentBytes: 0,
        state: fault ? 'failed' : 'waiting',
        replace: false,
        keepBoth: 0,
        message: fault,
      };
    });
    dispatch({ type: 'add', uploads });
  }, []);

  const act = useCallback((event: QueueEvent) => {
    if (event.type === 'cancel') running.current.get(event.id)?.();
    dispatch(event);
  }, []);

  useWarnBeforeLeaving(queue.some((upload) => !isEnded(upload) && upload.state !== 'conflict'));
  const uploads = useMemo(() => ({ add }), [add]);
  return (
    <UploadsContext value={uploads}>
      {children}
      {queue.length > 0 ? <UploadTray queue={queue} onEvent={act} /> : null}
    </UploadsContext>
  );
}

/** Reads the folders of a storage again a moment after a file arrived; many small files cause one reading. */
function useFolderRefresh(): (id: StorageId) => void {
  const utils = trpc.useUtils();
  const [waiting, setWaiting] = useState<ReadonlySet<StorageId>>(new Set());
  useEffect(() => {
    if (waiting.size === 0) return;
    const timer = setTimeout(() => {
      setWaiting(new Set());
      for (const id of waiting) void utils.files.list.invalidate({ id });
    }, REFRESH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [waiting, utils]);
  return useCallback((id) => setWaiting((before) => new Set(before).add(id)), []);
}

function useWarnBeforeLeaving(busy: boolean): void {
  useEffect(() => {
    if (!busy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);
}
