'use client';
/** Uploads under way: the engine that sends them and the tray that shows what it does. Loaded when a page may need it. */
import dynamic from 'next/dynamic';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { trpc } from '../trpc-client.tsx';
import { putBytes } from './put-bytes.ts';
import { RequestSlots } from './request-slots.ts';
import { uploadApi } from './upload-calls.ts';
import { REQUESTS_AT_ONCE, UploadEngine } from './upload-engine.ts';
import { needsPage } from './upload-queue.ts';
import { browserTraces } from './upload-traces.ts';
import { wait } from './wait.ts';

const UploadTray = dynamic(async () => (await import('./upload-tray.tsx')).UploadTray, { ssr: false });
const REFRESH_AFTER_MS = 300;

/** @param onReady told once, which engine takes the files */
export function RunningUploads({ onReady }: { onReady: (engine: UploadEngine) => void }) {
  const refresh = useFolderRefresh();
  const [engine] = useState(
    () =>
      new UploadEngine({
        api: uploadApi,
        put: putBytes,
        slots: new RequestSlots(REQUESTS_AT_ONCE),
        wait,
        random: Math.random,
        now: Date.now,
        indirect: new Set(),
        traces: browserTraces,
        onStored: refresh,
      }),
  );
  useEffect(() => onReady(engine), [engine, onReady]);
  const shown = useSyncExternalStore(engine.subscribe, engine.shown, engine.shown);
  useConnection(engine);
  useWarnBeforeLeaving(shown.queue.some(needsPage));
  if (shown.queue.length === 0) return null;
  return <UploadTray shown={shown} onEvent={engine.act} onChoose={engine.choose} />;
}

function useConnection(engine: UploadEngine): void {
  useEffect(() => {
    const tell = () => engine.setOnline(navigator.onLine);
    tell();
    const closed = new AbortController();
    window.addEventListener('online', tell, { signal: closed.signal });
    window.addEventListener('offline', tell, { signal: closed.signal });
    return () => closed.abort();
  }, [engine]);
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
