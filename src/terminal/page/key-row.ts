/** The keys that a phone's keyboard lacks, in a row above it. Ctrl holds for one key. */
import { element, keepFocus } from './dom.ts';
import { messages } from './messages.ts';

export interface KeyRowActions {
  type: (text: string) => void;
  /** True while the program wants application cursor keys (DECCKM). */
  applicationCursor: () => boolean;
}

const ARROWS: readonly (readonly [string, string, string])[] = [
  ['←', 'D', 'Left'],
  ['↓', 'B', 'Down'],
  ['↑', 'A', 'Up'],
  ['→', 'C', 'Right'],
];

export class KeyRow {
  readonly root = element('div', { class: 'key-row', role: 'toolbar', 'aria-label': messages.keyRow });
  readonly #ctrl: HTMLElement;
  #ctrlHeld = false;

  constructor(actions: KeyRowActions) {
    const add = (label: string, name: string, press: () => void) => {
      const button = element('button', { type: 'button', 'aria-label': name }, label);
      keepFocus(button);
      button.addEventListener('click', press);
      this.root.append(button);
      return button;
    };
    add('Esc', 'Escape', () => actions.type('\x1b'));
    add('Tab', 'Tab', () => actions.type('\t'));
    this.#ctrl = add('Ctrl', 'Control', () => this.#hold(!this.#ctrlHeld));
    this.#ctrl.setAttribute('aria-pressed', 'false');
    for (const [label, final, name] of ARROWS) {
      add(label, name, () => actions.type(`\x1b${actions.applicationCursor() ? 'O' : '['}${final}`));
    }
    for (const character of ['|', '/', '-', '~']) add(character, character, () => actions.type(character));
    if (navigator.clipboard?.readText) {
      add(messages.paste, messages.paste, () => {
        // Refused by the person or by the embedding page: then the keyboard's own paste remains.
        navigator.clipboard.readText().then(actions.type, () => undefined);
      });
    }
  }

  /** Text on its way to the program; with Ctrl held its first character becomes a control character. */
  map(text: string): string {
    if (!this.#ctrlHeld || text.length !== 1) return text;
    this.#hold(false);
    const code = text.toUpperCase().charCodeAt(0);
    if (text === ' ') return '\0';
    return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : text;
  }

  #hold(held: boolean): void {
    this.#ctrlHeld = held;
    this.#ctrl.setAttribute('aria-pressed', String(held));
  }
}
