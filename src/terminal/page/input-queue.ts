/**
 * What a person typed, kept until the server has confirmed it: what is typed while the line is down, or into a line that is dead
 * without anybody knowing yet, arrives once it is back, in order and once. Counted by byte, like the output.
 */

/** Typed ahead, at most, while nothing can be sent. */
const MAX_WAITING_BYTES = 64 * 1024;

export class InputQueue {
  readonly #transmit: (bytes: Uint8Array) => void;
  #waiting: Uint8Array[] = [];
  /** Bytes that the server has confirmed since this page began. */
  #confirmed = 0;
  #open = false;

  constructor(transmit: (bytes: Uint8Array) => void) {
    this.#transmit = transmit;
  }

  /** @returns false, having kept nothing, when too much waits for the line to come back */
  push(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    if (!this.#open && this.#waitingBytes() + bytes.length > MAX_WAITING_BYTES) return false;
    this.#waiting.push(bytes);
    if (this.#open) this.#transmit(bytes);
    return true;
  }

  /** The line is down: from now on only keep. */
  lost(): void {
    this.#open = false;
  }

  /** The server has taken so many bytes in all. The first word after the line came back; sends what it lacks. */
  confirm(received: number): void {
    let surplus = received - this.#confirmed;
    this.#confirmed = received;
    while (surplus > 0) {
      const first = this.#waiting.shift();
      if (!first) break;
      if (first.length > surplus) this.#waiting.unshift(first.subarray(surplus));
      surplus -= first.length;
    }
    if (this.#open) return;
    this.#open = true;
    for (const bytes of this.#waiting) this.#transmit(bytes);
  }

  #waitingBytes(): number {
    return this.#waiting.reduce((sum, bytes) => sum + bytes.length, 0);
  }
}
