/** Which shortcut a key press completes. Pure. Shortcuts are one key (`l`, `/`, `?`) or a sequence (`g e`). */

/** Longer than this between two keys begins a new sequence. */
export const SEQUENCE_MS = 1200;

export interface Pending {
  keys: string;
  at: number;
}

export interface Match {
  /** The shortcut to run, if this press completes one. */
  run: string | null;
  pending: Pending | null;
}

export function matchShortcut(
  shortcuts: readonly string[],
  pending: Pending | null,
  press: { key: string; at: number },
): Match {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const fresh = pending && press.at - pending.at <= SEQUENCE_MS ? `${pending.keys} ${key}` : null;
  for (const keys of [fresh, key]) {
    if (keys === null) continue;
    if (shortcuts.includes(keys)) return { run: keys, pending: null };
    if (shortcuts.some((shortcut) => shortcut.startsWith(`${keys} `)))
      return { run: null, pending: { keys, at: press.at } };
  }
  return { run: null, pending: null };
}
