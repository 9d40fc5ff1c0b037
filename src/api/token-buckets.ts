/**
 * Token buckets in a table of fixed size: however many keys come, memory stays the same. Called by limits.ts alone. A bucket is one
 * number, the time at which it will be full again (the generic cell rate algorithm), so one that is full and one that was never
 * there are the same. A key has eight places; when all are taken, the one that is full soonest makes room: who rotates keys pushes
 * out those who asked least, and nobody is ever refused for want of a place.
 */
import { randomInt } from 'node:crypto';
import type { Rate } from '../domain/rate-limit.ts';

const WAYS = 8;
/** Two halves of a key's hash, and a double. */
export const BYTES_PER_PLACE = 16;

export interface Taken {
  /** 0 when the tokens were given; else how long until they would be. */
  waitMs: number;
  /** Whole tokens left. */
  left: number;
  /** Until the bucket is full. */
  fullMs: number;
}

export interface TokenBuckets {
  /** Takes tokens if there are enough, else none. More than a full bucket counts as all of it. */
  take(key: string, rate: Rate, tokens: number): Taken;
  /** Takes what is there, at most so many. */
  drain(key: string, rate: Rate, tokens: number): void;
}

/** @param places how many keys are told apart, a power of two */
export function createTokenBuckets(places: number, now: () => number): TokenBuckets {
  const sets = places / WAYS;
  const marks = new Uint32Array(places * 2);
  const fullAt = new Float64Array(places);
  const [seedA, seedB] = [randomInt(0xffffffff), randomInt(0xffffffff)];

  /** The key's place; a place that it does not have yet is made, as a full bucket. */
  function placeOf(key: string): number {
    const mark = hash(key, seedA);
    const other = hash(key, seedB);
    const first = (mark & (sets - 1)) * WAYS;
    let soonest = first;
    for (let place = first; place < first + WAYS; place += 1) {
      if (marks[place * 2] === mark && marks[place * 2 + 1] === other) return place;
      if ((fullAt[place] ?? 0) < (fullAt[soonest] ?? 0)) soonest = place;
    }
    marks[soonest * 2] = mark;
    marks[soonest * 2 + 1] = other;
    fullAt[soonest] = 0;
    return soonest;
  }

  /** Milliseconds until it is full; never longer than from empty, although the clock was put back. */
  function debtOf(place: number, time: number, most: number): number {
    return Math.min(most, Math.max(0, (fullAt[place] ?? 0) - time));
  }

  return {
    take(key, { burst, perSecond }, tokens) {
      const time = now();
      const place = placeOf(key);
      const tokenMs = 1000 / perSecond;
      const most = burst * tokenMs;
      const debt = debtOf(place, time, most);
      const after = debt + Math.min(tokens, burst) * tokenMs;
      // Fractions of a token are lost to rounding: a thousandth is given.
      const given = after <= most + tokenMs / 1000;
      const fullMs = given ? Math.min(after, most) : debt;
      fullAt[place] = time + fullMs;
      return { waitMs: given ? 0 : after - most, left: Math.floor((most - fullMs) / tokenMs + 0.001), fullMs };
    },
    drain(key, { burst, perSecond }, tokens) {
      const time = now();
      const place = placeOf(key);
      const most = (burst * 1000) / perSecond;
      fullAt[place] = time + Math.min(most, debtOf(place, time, most) + (tokens * 1000) / perSecond);
    },
  };
}

/** FNV-1a with a secret start, finished as in MurmurHash3: places cannot be foreseen from outside. */
function hash(text: string, seed: number): number {
  let value = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
