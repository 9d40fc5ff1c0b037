/**
 * The last bytes that one tab put out, addressed by their offset since the tab began. Memory is bounded by the capacity and
 * grows only as output comes. The oldest kept byte is always a safe place to begin: the start of a line where one is near,
 * else the start of a character; so a replay from `start` never shows half a character or, in practice, half a sequence.
 */

const FIRST_SIZE_BYTES = 16 * 1024;
/** How far past the necessary cut to look for the end of a line. */
const LINE_SEARCH_BYTES = 4096;
const NEWLINE = 0x0a;

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

export class OutputRing {
  readonly #capacity: number;
  readonly #onEvict: (bytes: Uint8Array) => void;
  #buffer: Uint8Array;
  #start = 0;
  #end = 0;

  /** @param onEvict receives the bytes that leave, in order and without gaps; the view is valid during the call only. */
  constructor(options: { capacityBytes: number; onEvict: (bytes: Uint8Array) => void }) {
    this.#capacity = options.capacityBytes;
    this.#onEvict = options.onEvict;
    this.#buffer = new Uint8Array(Math.min(FIRST_SIZE_BYTES, this.#capacity));
  }

  /** Offset of the oldest byte kept. */
  get start(): number {
    return this.#start;
  }

  /** Offset that the next byte will get. */
  get end(): number {
    return this.#end;
  }

  /** Adds output, which must be whole UTF-8 characters, and drops the oldest beyond the capacity. */
  append(bytes: Uint8Array): void {
    // In pieces, so that one huge chunk still leaves a full ring behind it and a cut always finds bytes to look at.
    const piece = Math.max(1, this.#capacity >> 2);
    for (let at = 0; at < bytes.length; at += piece) this.#appendPiece(bytes.subarray(at, at + piece));
  }

  /** A copy of at most maxBytes from `from` on. `from` must lie within start..end. */
  slice(from: number, maxBytes: number): Uint8Array<ArrayBuffer> {
    const length = Math.min(maxBytes, this.#end - from);
    const copy = new Uint8Array(length);
    let at = 0;
    for (const part of this.#parts(from, from + length)) {
      copy.set(part, at);
      at += part.length;
    }
    return copy;
  }

  #appendPiece(piece: Uint8Array): void {
    const needed = this.#end - this.#start + piece.length;
    if (needed > this.#buffer.length) this.#grow(needed);
    if (needed > this.#capacity) this.#evict(needed - this.#capacity);
    const size = this.#buffer.length;
    const position = this.#end % size;
    const head = piece.subarray(0, size - position);
    this.#buffer.set(head, position);
    this.#buffer.set(piece.subarray(head.length), 0);
    this.#end += piece.length;
  }

  #grow(needed: number): void {
    if (this.#buffer.length === this.#capacity) return;
    const grown = new Uint8Array(Math.min(this.#capacity, Math.max(needed, this.#buffer.length * 2)));
    let at = this.#start;
    for (const part of this.#parts(this.#start, this.#end)) {
      const position = at % grown.length;
      const head = part.subarray(0, grown.length - position);
      grown.set(head, position);
      grown.set(part.subarray(head.length), 0);
      at += part.length;
    }
    this.#buffer = grown;
  }

  #evict(count: number): void {
    let cut = this.#start + count;
    const limit = Math.min(this.#end, cut + LINE_SEARCH_BYTES);
    let line = cut;
    while (line < limit && this.#at(line - 1) !== NEWLINE) line += 1;
    if (this.#at(line - 1) === NEWLINE) cut = line;
    else while (cut < this.#end && isContinuation(this.#at(cut))) cut += 1;
    for (const part of this.#parts(this.#start, cut)) this.#onEvict(part);
    this.#start = cut;
  }

  #at(offset: number): number | undefined {
    return this.#buffer[offset % this.#buffer.length];
  }

  /** The one or two stretches of the buffer that hold from..to. */
  #parts(from: number, to: number): Uint8Array[] {
    if (from >= to) return [];
    const size = this.#buffer.length;
    const position = from % size;
    const head = this.#buffer.subarray(position, Math.min(size, position + to - from));
    const rest = to - from - head.length;
    return rest > 0 ? [head, this.#buffer.subarray(0, rest)] : [head];
  }
}
