/** One tab on the page: the emulator, its connection to /pty/<id>, and the size the two agree on. Made and dropped by TerminalApp. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import {
  CLOSED_TAB_GONE,
  type ClientMessage,
  INPUT_BY_EMULATOR,
  INPUT_BY_PERSON,
  MAX_COLS,
  MAX_FRAME_BYTES,
  MAX_ROWS,
  type ServerMessage,
} from '../protocol.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { element } from './dom.ts';
import { InputQueue } from './input-queue.ts';
import { addressLinks, linkHandler } from './links.ts';
import { messages } from './messages.ts';
import { OutputFeed } from './output-feed.ts';
import { DARK, LIGHT } from './palette.ts';
import type { SettingsStore } from './settings.ts';
import { isTerminalReport } from './terminal-reports.ts';
import { scrollByTouch } from './touch-scroll.ts';

const FONT = '"JetBrains Mono Variable", ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const SCROLLBACK_LINES = 10_000;

export interface TabViewOptions {
  id: string;
  settings: SettingsStore;
  /** True when the key is the page's, not the program's. */
  onKey: (event: KeyboardEvent) => boolean;
  /** Changes typed text on its way, for the Ctrl key of the touch row. */
  mapInput: (text: string) => string;
  onState: (state: ConnectionState) => void;
  /** Output came while nobody looked. */
  onUnseen: () => void;
  onInputRefused: () => void;
}

export class TabView {
  readonly id: string;
  readonly panel: HTMLElement;
  readonly terminal: Terminal;
  readonly #options: TabViewOptions;
  readonly #screen = element('div', { class: 'screen' });
  readonly #sizeNote: HTMLElement;
  readonly #fit = new FitAddon();
  readonly #feed: OutputFeed;
  readonly #input = new InputQueue((bytes) => this.#sendInput(bytes, INPUT_BY_PERSON));
  readonly #client = crypto.getRandomValues(new Uint32Array(4)).join('-').slice(0, 40);
  readonly #connection: Connection;
  readonly #resizes = new ResizeObserver(() => this.#refit());
  #decidesSize = true;
  #fitQueued = false;
  #shown = false;

  constructor(options: TabViewOptions) {
    this.id = options.id;
    this.#options = options;
    const useThis = element('button', { type: 'button', class: 'link' }, messages.useThisSize);
    useThis.addEventListener('click', () => this.focus());
    this.#sizeNote = element('div', { class: 'size-note', hidden: true }, messages.sizedElsewhere, ' ', useThis);
    this.panel = element(
      'div',
      {
        class: 'panel',
        role: 'tabpanel',
        id: `panel-${options.id}`,
        'aria-labelledby': `tab-${options.id}`,
      },
      this.#screen,
      this.#sizeNote,
    );
    const links = linkHandler(this.#screen);
    this.terminal = new Terminal({
      fontFamily: FONT,
      fontWeight: 400,
      fontWeightBold: 650,
      scrollback: SCROLLBACK_LINES,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      cursorInactiveStyle: 'outline',
      minimumContrastRatio: 4.5,
      rightClickSelectsWord: true,
      linkHandler: links,
    });
    this.terminal.loadAddon(this.#fit);
    this.terminal.registerLinkProvider(addressLinks(this.terminal, links));
    this.#feed = new OutputFeed(this.terminal, (offset) => this.#send({ type: 'ack', offset }));
    this.terminal.attachCustomKeyEventHandler((event) => !options.onKey(event));
    this.terminal.onData((data) => this.#onData(data));
    this.terminal.onBinary((data) => this.#typed(Uint8Array.from(data, (unit) => unit.charCodeAt(0))));
    options.settings.subscribe((settings) => {
      this.terminal.options.theme = options.settings.dark ? DARK : LIGHT;
      this.terminal.options.fontSize = settings.fontSizePx;
      this.terminal.options.screenReaderMode = settings.screenReader;
      this.#refit();
    });
    this.#connection = new Connection({
      path: `pty/${options.id}`,
      onOpen: () => {
        const active = this.#shown && document.hasFocus();
        this.#send({
          type: 'attach',
          client: this.#client,
          offset: this.#feed.resumeAt,
          active,
          ...this.#wantedSize(),
        });
      },
      onText: (text) => this.#onMessage(JSON.parse(text) as ServerMessage),
      onBytes: (bytes) => {
        if (!this.#shown) options.onUnseen();
        this.#feed.push(bytes);
      },
      onState: (state) => {
        if (state !== 'open') this.#input.lost();
        this.panel.classList.toggle('offline', state === 'reconnecting');
        options.onState(state);
      },
      isFinal: (code) => code === CLOSED_TAB_GONE,
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get size(): { cols: number; rows: number } {
    return this.#wantedSize();
  }

  show(): void {
    this.#setShown(true);
    if (!this.terminal.element) {
      this.terminal.open(this.#screen);
      this.#resizes.observe(this.#screen);
      this.#screen.addEventListener('pointerdown', () => this.#claimSize());
      this.terminal.textarea?.addEventListener('focus', () => this.#claimSize());
      scrollByTouch(this.#screen, this.terminal);
    }
    this.#refit();
  }

  hide(): void {
    this.#setShown(false);
  }

  /**
   * A font arrived late, for example with the first Greek letter. The emulator measures a letter once; another list of fonts, equal
   * in effect, makes it measure again.
   */
  measureAgain(): void {
    const { options } = this.terminal;
    options.fontFamily = options.fontFamily === FONT ? `${FONT}, monospace` : FONT;
    this.#refit();
  }

  focus(): void {
    this.terminal.focus();
    this.#claimSize();
  }

  /** Text as if typed, for the touch row and paste. */
  type(text: string): void {
    this.terminal.input(text);
  }

  end(): void {
    this.#connection.end();
    this.#resizes.disconnect();
    this.terminal.dispose();
    this.panel.remove();
  }

  /** Hidden by moving aside, not by `display`: the emulator may still draw, and must not measure letters as nothing. */
  #setShown(shown: boolean): void {
    this.#shown = shown;
    this.panel.classList.toggle('shown', shown);
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'sync':
        this.#feed.sync(message);
        return;
      case 'size':
        this.#onSize(message);
        return;
      case 'inputAck':
        this.#input.confirm(message.received);
        return;
      case 'inputRefused':
        this.#options.onInputRefused();
        return;
      case 'pong':
        return;
    }
  }

  #onSize({ cols, rows, active }: Extract<ServerMessage, { type: 'size' }>): void {
    const gained = active && !this.#decidesSize;
    this.#decidesSize = active;
    const wanted = this.#wantedSize();
    this.#sizeNote.hidden = active || (cols === wanted.cols && rows === wanted.rows);
    if (!active) this.terminal.resize(cols, rows);
    else if (gained) this.#refit();
  }

  #onData(data: string): void {
    if (isTerminalReport(data)) {
      if (!this.#feed.quiet) this.#sendInput(new TextEncoder().encode(data), INPUT_BY_EMULATOR);
      return;
    }
    this.#typed(new TextEncoder().encode(this.#options.mapInput(data)));
  }

  #typed(bytes: Uint8Array): void {
    if (!this.#input.push(bytes)) this.#options.onInputRefused();
  }

  #sendInput(bytes: Uint8Array, kind: number): void {
    const most = MAX_FRAME_BYTES - 1;
    for (let at = 0; at < bytes.length; at += most) {
      const part = bytes.subarray(at, at + most);
      const frame = new Uint8Array(part.length + 1);
      frame[0] = kind;
      frame.set(part, 1);
      this.#connection.send(frame);
    }
  }

  #send(message: ClientMessage): void {
    this.#connection.send(JSON.stringify(message));
  }

  #claimSize(): void {
    if (!this.#decidesSize) this.#send({ type: 'focus' });
  }

  #wantedSize(): { cols: number; rows: number } {
    const { cols, rows } = (this.terminal.element && this.#shown && this.#fit.proposeDimensions()) || this.terminal;
    if (!Number.isFinite(cols) || !Number.isFinite(rows)) return { cols: this.terminal.cols, rows: this.terminal.rows };
    return { cols: Math.min(MAX_COLS, Math.max(2, cols)), rows: Math.min(MAX_ROWS, Math.max(1, rows)) };
  }

  #refit(): void {
    if (this.#fitQueued || !this.#shown || !this.terminal.element) return;
    this.#fitQueued = true;
    requestAnimationFrame(() => {
      this.#fitQueued = false;
      if (!this.#shown) return;
      const size = this.#wantedSize();
      // Told even when another window decides: it is the size to take once this one is used.
      this.#send({ type: 'resize', ...size });
      if (this.#decidesSize) this.terminal.resize(size.cols, size.rows);
    });
  }
}
