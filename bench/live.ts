/** The live stream as a browser has it: tells when an environment reaches a phase. */
import { request } from 'node:http';
import type { BenchServer } from './server.ts';

export interface Seen {
  id: string;
  phase: string;
  /** performance.now() when the message arrived. */
  at: number;
  failure: string | null;
}

export interface LiveStream {
  /** @throws when it fails instead, or does not get there in time */
  reached(id: string, phase: 'running' | 'gone'): Promise<Seen>;
  close(): void;
}

const WITHIN_MS = 60_000;

interface Message {
  kind: string;
  id: string;
  environment: { phase: string; failure: { message: string } | null } | null;
}

export async function watchLive(server: BenchServer): Promise<LiveStream> {
  const seen = new Map<string, Seen>();
  const waiting = new Set<() => void>();
  const take = (data: string): void => {
    const { kind, id, environment } = JSON.parse(data) as Message;
    if (kind !== 'environment') return;
    const phase = environment?.phase ?? 'gone';
    const failure = environment?.failure?.message ?? null;
    if (seen.get(id)?.phase !== phase) seen.set(id, { id, phase, failure, at: performance.now() });
    for (const look of waiting) look();
  };
  const stream = request({
    host: '127.0.0.1',
    port: server.port,
    path: '/api/trpc/live.watch',
    headers: { host: `localhost:${server.port}`, cookie: server.cookie, accept: 'text/event-stream' },
  });
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject);
    stream.on('response', (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const messages = text.split('\n\n');
        text = messages.pop() ?? '';
        for (const message of messages) {
          const data = /^data: (.*)$/m.exec(message)?.[1];
          if (data?.includes('"hello"')) resolve();
          else if (data && !/^event:/m.test(message)) take(data);
        }
      });
      res.on('error', () => {});
    });
    stream.end();
  });
  return {
    reached: (id, phase) =>
      new Promise((resolve, reject) => {
        const finish = (act: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          act();
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`${id} is ${seen.get(id)?.phase}, not ${phase}, after a minute`))),
          WITHIN_MS,
        );
        const look = (): void => {
          const now = seen.get(id);
          if (now?.phase === phase) finish(() => resolve(now));
          else if (now?.phase === 'failed') finish(() => reject(new Error(`${id} failed: ${now.failure}`)));
        };
        waiting.add(look);
        look();
      }),
    close: () => stream.destroy(),
  };
}
