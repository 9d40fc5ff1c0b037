/**
 * One live stream per browser: the tab that holds the lock opens it and passes every message on to the others, since a browser
 * allows six connections to a host and each stream takes one. When that tab closes, the next one takes over from the last id.
 */
import type { Outputs } from '../trpc-client.tsx';
import { plainClient, shownError } from '../trpc-client.tsx';

type Streamed = Outputs['live']['watch'] extends AsyncIterable<infer Item> ? Item : never;
export type LiveMessage = Streamed extends { data: infer Data }
  ? Data
  : Streamed extends readonly [string, infer Data, ...unknown[]]
    ? Data
    : Streamed;
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'ended';

type Shared =
  | { type: 'message'; id: string; message: LiveMessage }
  | { type: 'state'; state: LiveState }
  | { type: 'ask' };

const REOPEN_MS = 2_000;

export interface LiveHandlers {
  onMessage(message: LiveMessage): void;
  onState(state: LiveState): void;
}

/** @returns closes the stream, or leaves the shared one. */
export function openLiveStream(handlers: LiveHandlers): () => void {
  const closed = new AbortController();
  const channel = new BroadcastChannel('cmbcluster-live');
  let lastId: string | null = null;
  let state: LiveState = 'connecting';
  let leading = false;

  const setState = (next: LiveState) => {
    state = next;
    handlers.onState(next);
  };
  channel.onmessage = ({ data }: MessageEvent<Shared>) => {
    if (data.type === 'ask') {
      if (leading) channel.postMessage({ type: 'state', state } satisfies Shared);
    } else if (!leading && data.type === 'message') {
      lastId = data.id;
      handlers.onMessage(data.message);
    } else if (!leading && data.type === 'state') setState(data.state);
  };

  async function lead(): Promise<void> {
    leading = true;
    while (!closed.signal.aborted && (await follow()) === 'broken') {
      share('reconnecting');
      await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
    }
  }

  /** One subscription until its end. The client reconnects by itself; what it gives up on is opened anew, save a lost session. */
  function follow(): Promise<'over' | 'broken'> {
    return new Promise((resolve) => {
      const subscription = plainClient.live.watch.subscribe(
        { lastEventId: lastId },
        {
          onConnectionStateChange({ state: connection, error }) {
            // The very first attempt has no fault yet.
            if (connection === 'connecting') share(state === 'connecting' && !error ? 'connecting' : 'reconnecting');
          },
          onStarted: () => share('live'),
          onData(event) {
            const { id, data } = event as unknown as { id: string; data: LiveMessage };
            lastId = id;
            share('live');
            channel.postMessage({ type: 'message', id, message: data } satisfies Shared);
            handlers.onMessage(data);
          },
          onError(error) {
            if (shownError(error).code !== 'unauthenticated') return resolve('broken');
            share('ended');
            resolve('over');
          },
          onComplete: () => resolve('broken'),
        },
      );
      closed.signal.addEventListener('abort', () => {
        subscription.unsubscribe();
        resolve('over');
      });
    });
  }

  function share(next: LiveState): void {
    if (next === state) return;
    setState(next);
    channel.postMessage({ type: 'state', state: next } satisfies Shared);
  }

  // Without locks (plain http beyond this machine) each tab has a stream of its own.
  if ('locks' in navigator) {
    navigator.locks.request('cmbcluster-live', { signal: closed.signal }, lead).catch(() => {});
    channel.postMessage({ type: 'ask' } satisfies Shared);
  } else void lead();

  return () => {
    closed.abort();
    channel.close();
  };
}
