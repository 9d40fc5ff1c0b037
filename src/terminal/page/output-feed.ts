/**
 * Brings output to the emulator and keeps count of it by offset: what has arrived, what is shown, what is acknowledged. After a
 * reconnect the count says where to go on, so nothing is lost and nothing comes twice. Knows neither sockets nor the DOM.
 */
import type { ServerMessage } from '../protocol.ts';

/** The part of xterm.js that it needs. */
export interface Screen {
  /** Calls back once all of it is on the screen; in order. */
  write(data: Uint8Array | string, done?: () => void): void;
}

/** Acknowledged in steps, for one message per written piece would be many. */
const ACK_EVERY_BYTES = 64 * 1024;
/** Clears screen, history and modes, in order with everything written before (RIS). */
const FULL_RESET = '\x1bc';

export class OutputFeed {
  readonly #screen: Screen;
  readonly #acknowledge: (offset: number) => void;
  #arrived: number | null = null;
  #shown = 0;
  #acknowledged = 0;
  #quietUntil = 0;
  /** Counts resets: what an earlier replay still writes must not move this one's count. */
  #generation = 0;

  constructor(screen: Screen, acknowledge: (offset: number) => void) {
    this.#screen = screen;
    this.#acknowledge = acknowledge;
  }

  /** Where the server should go on; null = from its beginning. */
  get resumeAt(): number | null {
    return this.#arrived;
  }

  /** The emulator works on output whose queries must not be answered (again). */
  get quiet(): boolean {
    return this.#shown < this.#quietUntil;
  }

  sync(message: Extract<ServerMessage, { type: 'sync' }>): void {
    this.#quietUntil = message.quietUntil;
    this.#acknowledged = message.from;
    if (!message.reset) return;
    this.#generation += 1;
    const generation = this.#generation;
    this.#arrived = message.from;
    // Until the reset itself has run, older output is still being worked off: keep quiet through it.
    this.#shown = Math.min(this.#shown, message.from, message.quietUntil - 1);
    this.#screen.write(FULL_RESET + message.prelude, () => {
      if (generation === this.#generation) this.#shown = message.from;
    });
  }

  push(bytes: Uint8Array): void {
    const from = this.#arrived ?? 0;
    // Cut where quiet ends, so that every piece is either wholly quiet or not at all.
    const quietBytes = Math.max(0, Math.min(bytes.length, this.#quietUntil - from));
    this.#write(bytes.subarray(0, quietBytes));
    this.#write(bytes.subarray(quietBytes));
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const end = (this.#arrived ?? 0) + bytes.length;
    const generation = this.#generation;
    this.#arrived = end;
    this.#screen.write(bytes, () => {
      if (generation !== this.#generation) return;
      this.#shown = end;
      if (end !== this.#arrived && end - this.#acknowledged < ACK_EVERY_BYTES) return;
      if (end <= this.#acknowledged) return;
      this.#acknowledged = end;
      this.#acknowledge(end);
    });
  }
}
