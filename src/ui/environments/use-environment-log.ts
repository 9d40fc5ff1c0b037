'use client';
/** The log of an environment, kept up to date: read by byte offset whenever the live stream says it grew. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { EnvironmentId } from '../../domain/ids.ts';
import { useLive } from '../live/live-provider.tsx';
import { trpc } from '../trpc-client.tsx';
import { addChunk, EMPTY_LOG, type LogState } from './log-lines.ts';

const TAIL_BYTES = 256 * 1024;
/** Farther behind than this, the middle is skipped: nobody reads it while it flies by. */
const SKIP_BYTES = 1024 * 1024;

export interface EnvironmentLogState {
  log: LogState;
  loading: boolean;
  error: unknown;
  read: () => void;
}

export function useEnvironmentLog(id: EnvironmentId, generation: number): EnvironmentLogState {
  const utils = trpc.useUtils();
  const { onLog, state: live } = useLive();
  const [log, setLog] = useState<LogState>(EMPTY_LOG);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const current = useRef<LogState>(EMPTY_LOG);
  const busy = useRef(false);
  const again = useRef(false);

  const read = useCallback(async () => {
    again.current = true;
    if (busy.current) return;
    busy.current = true;
    try {
      while (again.current) {
        again.current = false;
        const before = current.current;
        const behind = before.end - (before.next ?? before.end);
        const from = before.next === null || behind > SKIP_BYTES ? -TAIL_BYTES : before.next;
        let chunk = await utils.client.environments.logs.query({ id, from });
        const another = before.generation !== null && chunk.generation !== before.generation;
        // The offset belonged to an earlier run.
        if (another) chunk = await utils.client.environments.logs.query({ id, from: -TAIL_BYTES });
        const next = addChunk(before, chunk);
        current.current = next;
        setLog(next);
        const moved = before.next === null || another || chunk.to > before.next;
        if (moved && chunk.to < chunk.end) again.current = true;
      }
      setError(null);
    } catch (failed) {
      setError(failed);
    } finally {
      busy.current = false;
      setLoading(false);
    }
  }, [id, utils]);

  useEffect(() => {
    // A new run, or the stream is back after a pause in which it may have grown.
    if (generation >= 0 && live !== 'ended') void read();
  }, [read, generation, live]);
  useEffect(() => onLog(id, () => void read()), [onLog, id, read]);

  return { log, loading, error, read: () => void read() };
}

/** The whole log that is kept, from its first byte. */
export async function readWholeLog(
  client: ReturnType<typeof trpc.useUtils>['client'],
  id: EnvironmentId,
): Promise<string[]> {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const chunk = await client.environments.logs.query({ id, from, maxBytes: 1024 * 1024 });
    parts.push(chunk.text);
    if (chunk.to >= chunk.end || chunk.to <= from) return parts;
    from = chunk.to;
  }
}
