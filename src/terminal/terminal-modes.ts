/**
 * Which terminal modes are on at one place of the output. When old output leaves the ring, the sequence that once switched
 * the alternate screen, the mouse or bracketed paste on leaves with it; a replay then begins with `prelude()` instead.
 */
import { EscapeScanner } from './escape-scanner.ts';

/** Modes that programs leave on for long (DEC private modes, xterm's ctlseqs). true = on by default. */
const DEFAULTS: ReadonlyMap<string, boolean> = new Map([
  ['1', false],
  ['6', false],
  ['7', true],
  ['9', false],
  ['12', false],
  ['25', true],
  ['47', false],
  ['1000', false],
  ['1002', false],
  ['1003', false],
  ['1004', false],
  ['1006', false],
  ['1015', false],
  ['1016', false],
  ['1047', false],
  ['1049', false],
  ['2004', false],
]);

const ALTERNATE_SCREEN = ['47', '1047', '1049'];

export class TerminalModes {
  readonly #changed: Set<string>;
  #keypad: boolean;
  readonly #scanner = new EscapeScanner({
    csi: (params, final) => this.#csi(params, final),
    escape: (final) => this.#escape(final),
  });

  /** @param from begin with what was on there; the copy then lives its own life. */
  constructor(from?: TerminalModes) {
    this.#changed = new Set(from ? from.#changed : []);
    this.#keypad = from ? from.#keypad : false;
  }

  feed(bytes: Uint8Array): void {
    this.#scanner.feed(bytes);
  }

  get alternateScreen(): boolean {
    return ALTERNATE_SCREEN.some((mode) => this.#changed.has(mode));
  }

  /** Sequences that bring a freshly reset terminal to these modes. */
  prelude(): string {
    let text = '';
    for (const mode of this.#changed) text += `\x1b[?${mode}${DEFAULTS.get(mode) ? 'l' : 'h'}`;
    return this.#keypad ? `${text}\x1b=` : text;
  }

  #csi(params: string, final: string): void {
    if (params === '!' && final === 'p') {
      for (const mode of [...this.#changed]) if (!ALTERNATE_SCREEN.includes(mode)) this.#changed.delete(mode);
      this.#keypad = false;
    }
    if (!params.startsWith('?') || (final !== 'h' && final !== 'l')) return;
    for (const mode of params.slice(1).split(';')) {
      const byDefault = DEFAULTS.get(mode);
      if (byDefault === undefined) continue;
      // Any of the three leaves the alternate screen, whichever entered it.
      if (final === 'l' && ALTERNATE_SCREEN.includes(mode))
        for (const one of ALTERNATE_SCREEN) this.#changed.delete(one);
      else if ((final === 'h') === byDefault) this.#changed.delete(mode);
      else this.#changed.add(mode);
    }
  }

  #escape(final: string): void {
    if (final === 'c') {
      this.#changed.clear();
      this.#keypad = false;
    } else if (final === '=' || final === '>') {
      this.#keypad = final === '=';
    }
  }
}
