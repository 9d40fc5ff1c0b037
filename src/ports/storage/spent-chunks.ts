/**
 * Keeps the memory of transfers small. Each chunk that a socket reads is a block outside the heap, and V8 lets 64 MiB of spent ones
 * pile up before it collects, then collects everything. A collection of what is young, every few MiB, takes a millisecond and
 * frees most of them: less memory and less CPU. Works where Node runs with --expose-gc (scripts/server-flags.mjs), else does nothing.
 * What it misses are chunks that waited long enough to count as old; who copied a chunk that nobody else looks at frees it at once.
 */
import type { Readable } from 'node:stream';

const EVERY_BYTES = 8 * 1024 * 1024;

let passed = 0;

/** Told of each chunk of a body once it has been handed on. */
export function chunkPassed(bytes: number): void {
  passed += bytes;
  if (passed < EVERY_BYTES) return;
  passed = 0;
  globalThis.gc?.({ type: 'minor' });
}

const handedOver = new WeakSet<Readable>();

/** Says that nobody else keeps a chunk of `body`: whoever reads it may free each one. Not for chunks that their maker uses again. */
export function handOverChunks<Body extends Readable>(body: Body): Body {
  handedOver.add(body);
  return body;
}

export const chunksAreHandedOver = (body: Readable): boolean => handedOver.has(body);

/** Frees what a chunk of such a body holds, unless it is a piece of something larger. Reading it afterwards finds it empty. */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
