/** What a person has set on this browser. Kept in localStorage where the browser allows it (an embedded page may not). */
export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  theme: Theme;
  fontSizePx: number;
  screenReader: boolean;
}

export const MIN_FONT_SIZE_PX = 10;
export const MAX_FONT_SIZE_PX = 24;
const KEY = 'cmbcluster-terminal';
const DEFAULTS: Settings = { theme: 'system', fontSizePx: 13, screenReader: false };

export class SettingsStore {
  #value: Settings = load();
  readonly #listeners = new Set<(settings: Settings) => void>();

  constructor() {
    // Another page of the same Terminal changed them.
    window.addEventListener('storage', (event) => {
      if (event.key === KEY) this.#tell(load());
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#tell(this.#value));
  }

  get value(): Settings {
    return this.#value;
  }

  get dark(): boolean {
    const { theme } = this.#value;
    return theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
  }

  set(change: Partial<Settings>): void {
    this.#tell({ ...this.#value, ...change });
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#value));
    } catch {
      // Storage is blocked here: the setting holds until the page is left.
    }
  }

  /** Calls back at once and after every change. */
  subscribe(listener: (settings: Settings) => void): void {
    this.#listeners.add(listener);
    listener(this.#value);
  }

  #tell(value: Settings): void {
    this.#value = value;
    for (const listener of this.#listeners) listener(value);
  }
}

function load(): Settings {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return DEFAULTS;
    const { theme, fontSizePx, screenReader } = kept as Record<string, unknown>;
    return {
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
      fontSizePx:
        typeof fontSizePx === 'number' && fontSizePx >= MIN_FONT_SIZE_PX && fontSizePx <= MAX_FONT_SIZE_PX
          ? Math.round(fontSizePx)
          : DEFAULTS.fontSizePx,
      screenReader: screenReader === true,
    };
  } catch {
    return DEFAULTS;
  }
}
