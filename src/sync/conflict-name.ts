/** Names of the copies that keep the other side's content. */
import { baseName, joinPath, MAX_KEY_BYTES, MAX_KEY_PART_BYTES, parentFolder, utf8Bytes } from '../domain/storage.ts';

/** Longer than that it is no ending but part of the name. */
const MAX_ENDING_BYTES = 32;

/** `a/plot.png` → `a/plot (conflict 2026-11-24 04.41.10).png`; the second of the same moment gets a number. Times are UTC. */
export function conflictName(path: string, at: number, attempt: number): string {
  const name = baseName(path);
  const last = name.lastIndexOf('.');
  const dot = utf8Bytes(name.slice(last)) <= MAX_ENDING_BYTES ? last : -1;
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : '';
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  const mark = ` (conflict ${time}${attempt > 1 ? ` ${attempt}` : ''})`;
  const copy = `${fitting(stem, utf8Bytes(mark) + utf8Bytes(ending))}${mark}${ending}`;
  const beside = joinPath(parentFolder(path), copy);
  // A path at its limit has no room for the mark: then the copy lies at the top.
  return utf8Bytes(beside) <= MAX_KEY_BYTES ? beside : copy;
}

function fitting(stem: string, taken: number): string {
  const characters = [...stem];
  while (utf8Bytes(characters.join('')) + taken > MAX_KEY_PART_BYTES) characters.pop();
  return characters.join('');
}
