/**
 * Finds the few escape sequences that the server itself must know (modes, titles) in a stream of output, across any split
 * into chunks. It is not an emulator: everything else passes by. Bounded memory whatever a program prints.
 */

export interface EscapeSink {
  /** `CSI params final`, params with their prefix, for example `?1049` and `h`. */
  csi?(params: string, final: string): void;
  /** Text of an operating system command, for example `0;title`. */
  osc?(text: string): void;
  /** `ESC final`. */
  escape?(final: string): void;
}

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const MAX_PARAMS = 128;
const MAX_OSC_BYTES = 2048;

type State = 'ground' | 'escape' | 'intermediate' | 'csi' | 'osc' | 'string';

export class EscapeScanner {
  readonly #sink: EscapeSink;
  #state: State = 'ground';
  #params = '';
  #osc: number[] = [];
  /** Inside a string: the byte before was ESC, so a backslash ends it. */
  #stringEscape = false;

  constructor(sink: EscapeSink) {
    this.#sink = sink;
  }

  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'ground') {
        at = bytes.indexOf(ESC, at);
        if (at < 0) return;
        this.#state = 'escape';
        at += 1;
        continue;
      }
      this.#step(bytes[at] ?? 0);
      at += 1;
    }
  }

  #step(byte: number): void {
    if (byte === CAN || byte === SUB) {
      this.#state = 'ground';
      return;
    }
    if (this.#state === 'escape') this.#afterEscape(byte);
    else if (this.#state === 'csi') this.#inCsi(byte);
    else if (this.#state === 'osc' || this.#state === 'string') this.#inString(byte);
    else if (byte >= 0x30) this.#state = 'ground';
  }

  #afterEscape(byte: number): void {
    if (byte === ESC) return;
    const character = String.fromCharCode(byte);
    if (character === '[') {
      this.#params = '';
      this.#state = 'csi';
    } else if (character === ']') {
      this.#osc = [];
      this.#stringEscape = false;
      this.#state = 'osc';
    } else if ('PX^_'.includes(character)) {
      this.#stringEscape = false;
      this.#state = 'string';
    } else if (byte >= 0x20 && byte <= 0x2f) {
      this.#state = 'intermediate';
    } else {
      this.#state = 'ground';
      this.#sink.escape?.(character);
    }
  }

  #inCsi(byte: number): void {
    if (byte === ESC) {
      this.#state = 'escape';
    } else if (byte >= 0x40) {
      this.#state = 'ground';
      if (this.#params.length <= MAX_PARAMS) this.#sink.csi?.(this.#params, String.fromCharCode(byte));
    } else if (byte >= 0x20 && this.#params.length <= MAX_PARAMS) {
      this.#params += String.fromCharCode(byte);
    }
  }

  #inString(byte: number): void {
    if (this.#stringEscape) {
      this.#stringEscape = false;
      if (byte === 0x5c) {
        this.#endString();
      } else {
        // An ESC that does not end the string aborts it and begins a sequence of its own.
        this.#state = 'escape';
        this.#afterEscape(byte);
      }
    } else if (byte === ESC) {
      this.#stringEscape = true;
    } else if (byte === BEL && this.#state === 'osc') {
      this.#endString();
    } else if (this.#state === 'osc' && this.#osc.length <= MAX_OSC_BYTES) {
      this.#osc.push(byte);
    }
  }

  #endString(): void {
    const isOsc = this.#state === 'osc';
    this.#state = 'ground';
    if (isOsc && this.#osc.length <= MAX_OSC_BYTES) this.#sink.osc?.(Buffer.from(this.#osc).toString('utf8'));
  }
}
