/** The order of a table in the address: `size` ascending, `-size` descending. Pure. */
import type { Sort } from '../primitives/table-types.ts';

export function readSort(text: string | null): Sort | null {
  if (!text) return null;
  return text.startsWith('-') ? { id: text.slice(1), desc: true } : { id: text, desc: false };
}

export function writeSort({ id, desc }: Sort): string {
  return desc ? `-${id}` : id;
}
