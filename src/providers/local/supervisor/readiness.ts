/** Whether an application answers: a connection first, then its ready path. Plain sockets, because loading an HTTP client costs start time. */
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Endpoint } from '../../../domain/gateway.ts';

/** Often while launches are usually short, then seldom. */
const EAGER_EVERY_MS = 5;
const EAGER_FOR_MS = 5_000;
const PATIENT_EVERY_MS = 100;
const ANSWER_WITHIN_MS = 5_000;

function dial(endpoint: Endpoint): Socket {
  return endpoint.kind === 'unix' ? connect(endpoint.path) : connect(endpoint.port, endpoint.host);
}

export function accepts(endpoint: Endpoint): Promise<boolean> {
  // Looking for the file costs a tenth of a refused connection, which counts while a machine launches many at once.
  if (endpoint.kind === 'unix' && !existsSync(endpoint.path)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = dial(endpoint);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Status of a GET, or null when no answer came. The body is not read. */
export function probe(endpoint: Endpoint, path: string, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = dial(endpoint);
    let head = '';
    const finish = (status: number | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(status);
    };
    const timer = setTimeout(finish, ANSWER_WITHIN_MS, null);
    const secret = endpoint.header ? `${endpoint.header.name}: ${endpoint.header.value}\r\n` : '';
    socket.setEncoding('latin1');
    socket.once('error', () => finish(null));
    socket.once('close', () => finish(null));
    socket.once('connect', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${secret}Connection: close\r\n\r\n`),
    );
    socket.on('data', (text: string) => {
      head += text;
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
      if (status !== undefined) finish(Number(status));
      else if (head.length > 64) finish(null);
    });
  });
}

export interface ReadyCheck {
  endpoint: Endpoint;
  /** null = ready as soon as it accepts a connection. */
  readyPath: string | null;
  /** Host header of the probe. */
  host: string;
  timeoutMs: number;
  /** Aborted when the application has ended or is to be stopped. */
  signal: AbortSignal;
  /** Asked once when something accepts: false = it is not our application that listens there. */
  isOurs(): boolean;
}

/** 2xx..4xx counts as ready: a page that asks for a password answers too. */
export async function waitUntilReady(check: ReadyCheck): Promise<'ready' | 'timeout' | 'foreign' | 'aborted'> {
  const started = performance.now();
  let accepted = false;
  while (!check.signal.aborted) {
    if (!accepted && (await accepts(check.endpoint))) {
      if (!check.isOurs()) return 'foreign';
      accepted = true;
    }
    if (accepted) {
      if (check.readyPath === null) return 'ready';
      const status = await probe(check.endpoint, check.readyPath, check.host);
      if (status !== null && status >= 200 && status < 500) return 'ready';
    }
    const elapsed = performance.now() - started;
    if (elapsed >= check.timeoutMs) return 'timeout';
    const pause = elapsed < EAGER_FOR_MS ? EAGER_EVERY_MS : PATIENT_EVERY_MS;
    await delay(Math.min(pause, check.timeoutMs - elapsed), undefined, { signal: check.signal }).catch(() => undefined);
  }
  return 'aborted';
}
