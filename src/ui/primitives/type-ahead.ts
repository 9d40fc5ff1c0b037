/** Finding a row by the letters its name begins with, as file managers do. Pure. */

/**
 * The row that is meant: with several letters the first from the active one on, with one letter (also repeated) the next after
 * it; around the end once.
 * @returns its index; -1 when no name begins so
 */
export function typedRow(names: readonly string[], { text, from }: { text: string; from: number }): number {
  const wanted = text.toLowerCase();
  const one = [...wanted].every((letter) => letter === wanted[0]) ? wanted.slice(0, 1) : null;
  const begins = (name: string | undefined, start: string) => name?.toLowerCase().startsWith(start) ?? false;
  if (one !== null && !begins(names[from], wanted.length > 1 ? wanted : '\0')) {
    const next = search(names, from + 1, (name) => begins(name, one));
    if (next !== -1) return next;
  }
  return search(names, from, (name) => begins(name, wanted));
}

function search(names: readonly string[], from: number, fits: (name: string) => boolean): number {
  for (let step = 0; step < names.length; step += 1) {
    const index = (from + step) % names.length;
    const name = names[index];
    if (name !== undefined && fits(name)) return index;
  }
  return -1;
}
