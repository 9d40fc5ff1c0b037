/** All tabs of this Terminal: create, find, rename, close, and tell listeners when the list changes. */
import { AppError } from '../domain/errors.ts';
import { cleanName, MAX_TABS, type TabInfo } from './protocol.ts';
import type { SpawnPty } from './pty-process.ts';
import type { ShellCommand } from './shell.ts';
import { type Size, Tab } from './tab.ts';

/** How often to look what runs in the foreground, while somebody watches. */
const LOOK_EVERY_MS = 1000;
const CLOSE_GRACE_MS = 2000;

export interface TabSetOptions {
  command: () => ShellCommand;
  spawn: SpawnPty;
  newId: () => string;
  /** Milliseconds, monotonic. */
  now: () => number;
  ringBytes?: number;
}

export class TabSet {
  readonly #options: TabSetOptions;
  readonly #tabs = new Map<string, Tab>();
  readonly #listeners = new Set<(tabs: TabInfo[]) => void>();
  #told = '';
  #look: NodeJS.Timeout | undefined;
  #tellQueued = false;
  #closing = false;

  constructor(options: TabSetOptions) {
    this.#options = options;
  }

  list(): TabInfo[] {
    return [...this.#tabs.values()].map((tab) => tab.info());
  }

  find(id: string): Tab | undefined {
    return this.#tabs.get(id);
  }

  /** @throws AppError resource_exhausted when there are MAX_TABS already; internal when the shell cannot be started */
  create(size: Size): TabInfo {
    if (this.#closing) throw new AppError('unavailable', 'The terminal is shutting down.');
    if (this.#tabs.size >= MAX_TABS) {
      throw new AppError('resource_exhausted', `At most ${MAX_TABS} tabs can be open. Close one first.`);
    }
    const tab = new Tab({ ...this.#options, id: this.#options.newId(), size, onChange: () => this.#changed() });
    this.#tabs.set(tab.id, tab);
    this.#changed();
    return tab.info();
  }

  /** An empty name gives the tab back its automatic one. @throws AppError not_found */
  rename(id: string, name: string): TabInfo {
    const tab = this.#require(id);
    tab.name = cleanName(name) || null;
    this.#changed();
    return tab.info();
  }

  /** @throws AppError not_found; failed_precondition when a program runs in it and force is not set */
  async close(id: string, options: { force: boolean }): Promise<void> {
    const tab = this.#require(id);
    const { busy, foreground } = tab.info();
    if (busy && !options.force) {
      throw new AppError('failed_precondition', `${foreground ?? 'A program'} is still running in this tab.`, {
        details: { foreground },
      });
    }
    this.#tabs.delete(id);
    this.#changed();
    await tab.close({ graceMs: CLOSE_GRACE_MS, everything: false });
  }

  /** Ends every shell and all that was started from them. No tab can be created any more. */
  async closeAll(graceMs: number): Promise<void> {
    this.#closing = true;
    const tabs = [...this.#tabs.values()];
    this.#tabs.clear();
    this.#changed();
    await Promise.all(tabs.map((tab) => tab.close({ graceMs, everything: true })));
  }

  /** Calls back at once and after every change. @returns the unsubscribe */
  subscribe(listener: (tabs: TabInfo[]) => void): () => void {
    this.#listeners.add(listener);
    this.#look ??= setInterval(() => this.#tell(), LOOK_EVERY_MS);
    listener(this.list());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#look);
      this.#look = undefined;
    };
  }

  #require(id: string): Tab {
    const tab = this.#tabs.get(id);
    if (!tab) throw new AppError('not_found', 'This tab is closed.');
    return tab;
  }

  #changed(): void {
    if (this.#tellQueued || this.#listeners.size === 0) return;
    this.#tellQueued = true;
    setImmediate(() => {
      this.#tellQueued = false;
      this.#tell();
    });
  }

  #tell(): void {
    const tabs = this.list();
    const text = JSON.stringify(tabs);
    if (text === this.#told) return;
    this.#told = text;
    for (const listener of this.#listeners) listener(tabs);
  }
}
