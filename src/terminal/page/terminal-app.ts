/** The page as a whole: which tabs there are and which one shows, its keys, its notices. The server's list is the truth. */
import type { EventMessage, TabInfo } from '../protocol.ts';
import { ApiError, api } from './api.ts';
import { copySelection } from './clipboard.ts';
import { Connection } from './connection.ts';
import { confirmClose, showSettings } from './dialogs.ts';
import { element, icon, keepFocus } from './dom.ts';
import { KeyRow } from './key-row.ts';
import { messages } from './messages.ts';
import type { SettingsStore } from './settings.ts';
import { TabStrip } from './tab-strip.ts';
import { TabView } from './tab-view.ts';

const TOAST_MS = 5000;
/** A line that is back sooner is not worth a word. */
const QUIET_RECONNECT_MS = 400;

export class TerminalApp {
  readonly #settings: SettingsStore;
  readonly #views = new Map<string, TabView>();
  readonly #unseen = new Set<string>();
  readonly #panels = element('main', { class: 'panels' });
  readonly #empty: HTMLElement;
  readonly #state = element('div', { class: 'state', role: 'status' });
  readonly #toast = element('div', { class: 'toast', role: 'status', hidden: true });
  readonly #strip: TabStrip;
  /** Beside the last tab; without one the middle of the page offers the first. */
  readonly #add: HTMLElement;
  readonly #keyRow: KeyRow;
  readonly #events: Connection;
  #tabs: TabInfo[] | null = null;
  #activeId: string | null = null;
  #toastTimer: number | undefined;
  #stateTimer: number | undefined;
  #unreachable = false;

  constructor(settings: SettingsStore) {
    this.#settings = settings;
    this.#strip = new TabStrip({
      select: (id) => this.#select(id),
      close: (id) => void this.#close(id),
      rename: (id, name) => void this.#try(api.rename(id, name)),
      leave: () => this.#focus(),
    });
    this.#keyRow = new KeyRow({
      type: (text) => this.#active()?.type(text),
      applicationCursor: () => this.#active()?.terminal.modes.applicationCursorKeysMode ?? false,
    });
    this.#add = this.#iconButton('plus', messages.newTab, () => void this.#open());
    this.#add.hidden = true;
    const menu = this.#iconButton('sliders', messages.settings, () => showSettings(settings, () => this.#focus()));
    const start = element('button', { type: 'button', class: 'button primary' }, messages.newTab);
    start.addEventListener('click', () => void this.#open());
    this.#empty = element(
      'div',
      { class: 'empty', hidden: true },
      icon('terminal'),
      element('p', {}, messages.empty),
      start,
    );
    this.#panels.append(this.#empty);
    const bar = element(
      'header',
      { class: 'bar' },
      this.#strip.root,
      this.#add,
      element('span', { class: 'spacer' }),
      this.#state,
      menu,
    );
    document.body.append(bar, this.#panels, element('footer', {}, this.#keyRow.root), this.#toast);

    settings.subscribe(() => {
      document.documentElement.dataset.theme = settings.dark ? 'dark' : 'light';
    });
    document.addEventListener('keydown', (event) => {
      // Keys pressed outside the terminal; inside it, the emulator asks first.
      if (!this.#active()?.terminal.element?.contains(event.target as Node) && this.#onKey(event))
        event.preventDefault();
    });
    // The page around it gave it the focus: on to the shell, unless something else of this page has it.
    window.addEventListener('focus', () => {
      if (document.activeElement === document.body) this.#focus();
    });
    window.addEventListener('hashchange', () => this.#select(location.hash.slice(1)));
    document.fonts.addEventListener('loadingdone', () => {
      for (const view of this.#views.values()) view.measureAgain();
    });
    followVisibleHeight();
    this.#showState();
    this.#events = new Connection({
      path: 'events',
      onOpen: () => this.#showState(),
      onText: (text) => {
        const message = JSON.parse(text) as EventMessage;
        if (message.type === 'tabs') this.#onTabs(message.tabs);
      },
      onBytes: () => undefined,
      onState: (state) => {
        this.#showState();
        if (state === 'reconnecting') void this.#findOutWhy();
      },
      isFinal: () => false,
    });
  }

  #iconButton(shape: Parameters<typeof icon>[0], name: string, press: () => void): HTMLElement {
    const button = element(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': name, title: name },
      icon(shape),
    );
    keepFocus(button);
    button.addEventListener('click', press);
    return button;
  }

  #active(): TabView | undefined {
    return this.#activeId === null ? undefined : this.#views.get(this.#activeId);
  }

  /** Inside another page it never takes the focus from what a person does there. */
  #focus(): void {
    if (window.parent === window || document.hasFocus()) this.#active()?.focus();
  }

  #onTabs(tabs: TabInfo[]): void {
    const before = this.#tabs;
    this.#tabs = tabs;
    const ids = new Set(tabs.map((tab) => tab.id));
    for (const [id, view] of this.#views) {
      if (ids.has(id)) continue;
      view.end();
      this.#views.delete(id);
      this.#unseen.delete(id);
    }
    if (this.#activeId === null || !ids.has(this.#activeId)) this.#selectNear(before ?? []);
    this.#empty.hidden = tabs.length > 0;
    this.#render();
    // None at first: begin with one. All of them gone at once with the line: the environment was started again.
    if (tabs.length === 0 && before === null) void this.#open({ ifNone: true });
    else if (tabs.length === 0 && this.#wasAway && before && before.length > 0) {
      void this.#open({ ifNone: true }).then(() => this.#say(messages.restarted));
    }
    this.#wasAway = false;
  }

  #wasAway = false;

  /** After the shown tab went: the one that took its place, else the last. */
  #selectNear(before: TabInfo[]): void {
    const tabs = this.#tabs ?? [];
    const wanted = tabs.find((tab) => tab.id === location.hash.slice(1));
    const place = before.findIndex((tab) => tab.id === this.#activeId);
    const next = wanted ?? (place >= 0 ? (tabs[place] ?? tabs.at(-1)) : tabs[0]);
    this.#activeId = null;
    if (next) this.#select(next.id);
    else document.title = messages.title;
  }

  #select(id: string): void {
    if (!this.#tabs?.some((tab) => tab.id === id)) return;
    if (id !== this.#activeId) this.#active()?.hide();
    this.#activeId = id;
    this.#unseen.delete(id);
    history.replaceState(null, '', `#${id}`);
    const view = this.#views.get(id) ?? this.#makeView(id);
    view.show();
    this.#render();
    this.#strip.reveal(id);
    this.#showState();
    if (!this.#strip.root.contains(document.activeElement)) this.#focus();
  }

  #makeView(id: string): TabView {
    const view = new TabView({
      id,
      settings: this.#settings,
      onKey: (event) => this.#onKey(event),
      mapInput: (text) => this.#keyRow.map(text),
      onState: () => this.#showState(),
      onUnseen: () => {
        if (this.#unseen.has(id) || id === this.#activeId) return;
        this.#unseen.add(id);
        this.#render();
      },
      onInputRefused: () => this.#say(messages.inputRefused),
    });
    this.#views.set(id, view);
    this.#panels.append(view.panel);
    return view;
  }

  #render(): void {
    const tabs = this.#tabs ?? [];
    this.#strip.render(tabs, this.#activeId, this.#unseen);
    this.#add.hidden = tabs.length === 0;
    const active = tabs.find((tab) => tab.id === this.#activeId);
    document.title = active ? `${active.label} · ${messages.title}` : messages.title;
  }

  async #open(options: { ifNone?: boolean } = {}): Promise<void> {
    const size = this.#active()?.size ?? { cols: 80, rows: 24 };
    const made = await this.#try(api.create({ ...size, ...options }));
    if (!made) return;
    // The list may come a moment later than the answer.
    if (!this.#tabs?.some((tab) => tab.id === made.id)) this.#onTabs([...(this.#tabs ?? []), made]);
    this.#select(made.id);
    this.#focus();
  }

  async #close(id: string): Promise<void> {
    const info = this.#tabs?.find((tab) => tab.id === id);
    // The list is at most a second old; for what began since, the server asks back.
    if (!info?.busy) {
      try {
        await api.close(id, false);
        this.#focus();
        return;
      } catch (error) {
        const code = error instanceof ApiError ? error.code : 'internal';
        if (code !== 'failed_precondition') {
          if (code !== 'not_found') this.#say(messages.failed(error instanceof Error ? error.message : String(error)));
          return;
        }
      }
    }
    if (await confirmClose(info?.label ?? '', info?.foreground ?? null)) await this.#try(api.close(id, true));
    this.#focus();
  }

  /** @returns true when the key was the page's own */
  #onKey(event: KeyboardEvent): boolean {
    if (event.metaKey || document.querySelector('dialog[open]')) return false;
    const { code, altKey, ctrlKey, shiftKey } = event;
    const inTabChord = shiftKey && ctrlKey !== altKey;
    let action: (() => void) | null = null;
    if (inTabChord && code === 'KeyT') action = () => void this.#open();
    else if (inTabChord && code === 'KeyW') action = () => this.#activeId !== null && void this.#close(this.#activeId);
    else if (ctrlKey && shiftKey && !altKey && code === 'KeyC') action = () => void this.#copy();
    else if (altKey && !ctrlKey && !shiftKey && /^Digit[1-9]$/.test(code))
      action = () => this.#selectAt(Number(code.slice(5)) - 1);
    // The browser's own paste follows and reaches the emulator as such, brackets included.
    else if (ctrlKey && shiftKey && !altKey && code === 'KeyV') return true;
    if (!action) return false;
    event.preventDefault();
    if (event.type === 'keydown') action();
    return true;
  }

  #selectAt(index: number): void {
    const tab = this.#tabs?.[index];
    if (tab) this.#select(tab.id);
    this.#focus();
  }

  async #copy(): Promise<void> {
    const view = this.#active();
    if (view && (await copySelection(view.terminal))) this.#say(messages.copied, 1200);
  }

  async #try<Value>(work: Promise<Value>): Promise<Value | null> {
    try {
      return await work;
    } catch (error) {
      this.#say(messages.failed(error instanceof Error ? error.message : String(error)));
      return null;
    }
  }

  /** The line is down: is it the network, or did something else take this address over (stopped, signed out)? */
  async #findOutWhy(): Promise<void> {
    this.#wasAway = true;
    try {
      await api.status();
    } catch (error) {
      this.#unreachable = error instanceof ApiError && error.code !== 'offline';
      this.#showState();
    }
  }

  #showState(): void {
    clearTimeout(this.#stateTimer);
    const states = [this.#events?.state ?? 'connecting', this.#active()?.state ?? 'open'];
    const state = states.find((one) => one === 'reconnecting') ?? states.find((one) => one === 'connecting') ?? 'open';
    if (state === 'open') {
      this.#unreachable = false;
      this.#state.replaceChildren();
      return;
    }
    if (this.#unreachable) {
      const reload = element('button', { type: 'button', class: 'link' }, messages.reload);
      reload.addEventListener('click', () => location.reload());
      this.#state.replaceChildren(
        element('span', { class: 'pulse', 'aria-hidden': 'true' }),
        messages.unreachable,
        ' ',
        reload,
      );
      return;
    }
    this.#stateTimer = window.setTimeout(() => {
      const text = state === 'connecting' ? messages.connecting : messages.reconnecting;
      this.#state.replaceChildren(element('span', { class: 'pulse', 'aria-hidden': 'true' }), text);
    }, QUIET_RECONNECT_MS);
  }

  #say(text: string, forMs = TOAST_MS): void {
    clearTimeout(this.#toastTimer);
    this.#toast.textContent = text;
    this.#toast.hidden = false;
    this.#toastTimer = window.setTimeout(() => {
      this.#toast.hidden = true;
    }, forMs);
  }
}

/** Keeps the page above a phone's keyboard, where the browser does not do so by itself. */
function followVisibleHeight(): void {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const apply = () => {
    if (visualViewport.scale === 1) document.body.style.height = `${visualViewport.height}px`;
  };
  visualViewport.addEventListener('resize', apply);
  apply();
}
