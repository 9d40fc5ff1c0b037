/**
 * Which request meets which fault. A plan is a pure function of a seed and of what is asked, the how-manieth time: two runs that ask
 * the same meet the same faults, in whatever order their parallel requests arrive.
 */

/** `part` is 0..1: where in a body something happens. */
export type Fault =
  | { kind: 'delay'; ms: number }
  /** The server sees nothing of the request. */
  | { kind: 'reset-before' }
  /** The server sees the beginning of the body. */
  | { kind: 'reset-up'; part: number }
  /** The server has done its work; the beginning of the answer arrives. */
  | { kind: 'reset-down'; part: number }
  /** As `reset-down`, but the connection ends in good order: what was announced is longer than what came. */
  | { kind: 'truncate'; part: number }
  /** Somebody on the way answers; `applied`: after the server has done its work. */
  | { kind: 'status'; status: 429 | 500 | 503; retryAfterSeconds: number | null; applied: boolean }
  /** The server gets the whole request twice, one after the other; one of both answers arrives. */
  | { kind: 'duplicate'; answer: 'first' | 'last' }
  | { kind: 'flip-up'; part: number }
  | { kind: 'flip-down'; part: number };

export type FaultKind = Fault['kind'];

export const FAULT_KINDS: readonly FaultKind[] = [
  'delay',
  'reset-before',
  'reset-up',
  'reset-down',
  'truncate',
  'status',
  'duplicate',
  'flip-up',
  'flip-down',
];

export interface SeenRequest {
  method: string;
  /** Without its query. */
  path: string;
  /** Names in the query, sorted: values may be different in each run. */
  query: string[];
  /** 1 for the first request that looks like this. */
  occurrence: number;
  /** null: sent without saying. */
  bodyBytes: number | null;
  bodyType: string;
  ranged: boolean;
  headers: Readonly<Record<string, string | undefined>>;
}

export type Plan = (request: SeenRequest) => Fault | null;

export interface SeededPlan {
  seed: number;
  /** 0..1: requests that meet a fault. */
  rate: number;
  kinds?: readonly FaultKind[];
  longestDelayMs?: number;
}

/** Below this a body may be a document around the content, which no store has a checksum of. */
const SMALLEST_FLIPPED_BYTES = 4096;
/** Longer ones are not kept for a second delivery. */
const MAX_REPEATED_BYTES = 16 * 1024 * 1024;

export function seededPlan({ seed, rate, kinds = FAULT_KINDS, longestDelayMs = 300 }: SeededPlan): Plan {
  return (request) => {
    const random = numbers(`${seed} ${request.method} ${request.path} ${request.query} ${request.occurrence}`);
    if (random() >= rate) return null;
    const fitting = kinds.filter((kind) => fits(kind, request));
    const kind = fitting[Math.floor(random() * fitting.length)];
    return kind === undefined ? null : faultOf(kind, random, longestDelayMs);
  };
}

function fits(kind: FaultKind, { bodyBytes, bodyType, ranged, method }: SeenRequest): boolean {
  if (kind === 'reset-up') return bodyBytes !== 0;
  if (kind === 'duplicate') return bodyBytes !== null && bodyBytes <= MAX_REPEATED_BYTES;
  // The checksum of a whole file says nothing about a piece of it.
  if (kind === 'flip-down') return method === 'GET' && !ranged;
  if (kind === 'flip-up') return (bodyBytes ?? 0) >= SMALLEST_FLIPPED_BYTES && !isDocument(bodyType);
  return true;
}

/** Lists, orders and reports, in which no checksum tells a flipped letter from a right one. */
export function isDocument(type: string): boolean {
  return /\b(xml|json)\b/.test(type);
}

function faultOf(kind: FaultKind, random: () => number, longestDelayMs: number): Fault {
  switch (kind) {
    case 'delay':
      return { kind, ms: Math.ceil(random() * longestDelayMs) };
    case 'reset-before':
      return { kind };
    case 'reset-up':
    case 'reset-down':
    case 'truncate':
    case 'flip-down':
      return { kind, part: random() };
    // What surrounds the content comes before it.
    case 'flip-up':
      return { kind, part: 0.5 + random() * 0.4 };
    case 'duplicate':
      return { kind, answer: random() < 0.5 ? 'first' : 'last' };
    case 'status': {
      const choice = random();
      // Whoever says 429 has done nothing, by its definition (RFC 6585 §4).
      if (choice < 0.2) return { kind, status: 429, retryAfterSeconds: null, applied: false };
      if (choice < 0.7) return { kind, status: 500, retryAfterSeconds: null, applied: random() < 0.5 };
      return { kind, status: 503, retryAfterSeconds: 1, applied: random() < 0.3 };
    }
  }
}

/** mulberry32, started from FNV-1a of a text. */
export function numbers(text: string): () => number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
