/**
 * The memory of bodies on their way up. Each is cut into pieces of one length, in large buffers that are used again and freed as
 * soon as the body has ended: the collector would let them lie for long. A body has one buffer of its own; all others are shared
 * by the bodies of the process, so that many at once need little more than one each.
 */
import type { Readable } from 'node:stream';
import { chunksAreHandedOver, freeChunk } from '../../../ports/storage/spent-chunks.ts';

/** Buffers beyond the first one of each body. */
const SHARED = 2;
const SMALL_BYTES = 256 * 1024;

let shared = SHARED;

export interface Piece {
  bytes: Buffer;
  /** The body ends with it. */
  last: boolean;
}

export class Blocks {
  readonly #size: number;
  readonly #spare: Buffer[] = [];
  /** Buffers of this body, spare ones included. */
  #held = 0;

  /** @param size of every piece but the last one, in bytes */
  constructor(size: number) {
    this.#size = size;
  }

  /** An empty body has no pieces. Call `reserve` before each but the first. */
  async *cut(body: Readable): AsyncGenerator<Piece, void> {
    const free = chunksAreHandedOver(body) ? freeChunk : () => {};
    let small: Buffer[] = [];
    let block: Buffer | null = null;
    let filled = 0;
    for await (const chunk of body) {
      let rest: Buffer = chunk;
      while (rest.length > 0) {
        // A full one waits for what follows, so that its reader knows whether anything does.
        if (block !== null && filled === this.#size) {
          yield { bytes: block, last: false };
          block = null;
          filled = 0;
        }
        // What fits into a few chunks needs no large buffer.
        if (block === null && filled + rest.length < SMALL_BYTES) {
          small.push(rest);
          filled += rest.length;
          break;
        }
        if (block === null) {
          block = this.#spare.pop() ?? this.#make();
          let at = 0;
          for (const part of small) {
            at += part.copy(block, at);
            free(part);
          }
          small = [];
        }
        const taken = rest.copy(block, filled);
        filled += taken;
        rest = rest.subarray(taken);
        if (rest.length === 0) free(chunk);
      }
    }
    if (filled > 0) yield { bytes: block?.subarray(0, filled) ?? Buffer.concat(small, filled), last: true };
  }

  /** Whether there is a buffer for one more piece, which is kept for it then; otherwise one has to be given back first. */
  reserve(): boolean {
    if (this.#held === 0 || this.#spare.length > 0) return true;
    if (shared === 0) return false;
    shared -= 1;
    this.#spare.push(this.#make());
    return true;
  }

  /** Nobody reads the piece any more. */
  giveBack({ buffer }: Buffer): void {
    if (buffer.byteLength === this.#size) this.#spare.push(Buffer.from(buffer));
  }

  /** The body has ended, well or badly. Buffers that were not given back are left to the collector. */
  close(): void {
    shared += Math.max(0, this.#held - 1);
    this.#held = 0;
    for (const { buffer } of this.#spare.splice(0)) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  }

  #make(): Buffer {
    this.#held += 1;
    return Buffer.allocUnsafeSlow(this.#size);
  }
}
