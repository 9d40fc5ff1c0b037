/** What an answer to sent bytes means, and how long to wait before the next attempt. Pure. */

export interface PutAnswer {
  /** 0 = no answer came. */
  status: number;
  body: string;
  /** The field Retry-After as it came. */
  retryAfter: string | null;
}

export type Verdict =
  | { kind: 'taken' }
  /** The same bytes may be taken later. `waitMs` = what the server asked for. */
  | { kind: 'again'; waitMs: number | null }
  | { kind: 'refused'; status: number; message: string | null };

export const ATTEMPTS = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_ASKED_MS = 120_000;
/** Request timeout and too many requests; of the 5xx all but "not implemented" pass. */
const PASSING: ReadonlySet<number> = new Set([0, 408, 429]);

export function judge({ status, body, retryAfter }: PutAnswer, now: number): Verdict {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (PASSING.has(status) || (status >= 500 && status !== 501))
    return { kind: 'again', waitMs: askedWaitMs(retryAfter, now) };
  return { kind: 'refused', status, message: messageOf(body) };
}

/** Seconds or a date (RFC 9110 §10.2.3); null when absent or unreadable. */
function askedWaitMs(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  return Number.isFinite(ms) ? Math.min(LONGEST_ASKED_MS, Math.max(0, ms)) : null;
}

/**
 * Doubling, and spread so that the parts of one break do not all come back at once.
 * @param failures how many attempts have failed, from 1
 * @param random 0 ≤ random < 1
 */
export function waitBefore(failures: number, askedMs: number | null, random: number): number {
  const step = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
  return Math.max(askedMs ?? 0, step * (0.5 + random / 2));
}

/** The sentence of the server's `{code, message, …}`; null when the answer is something else. */
export function messageOf(body: string): string | null {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}
