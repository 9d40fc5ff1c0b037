/** Search in a log. Pure. */
import { stripAnsi } from './ansi.ts';

/** Ranges of `query` in one line, without regard to case; none for an empty query. */
export function findHits(line: string, query: string): [start: number, end: number][] {
  const needle = query.toLowerCase();
  if (!needle) return [];
  const text = stripAnsi(line).toLowerCase();
  const hits: [number, number][] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length))
    hits.push([at, at + needle.length]);
  return hits;
}

/** Indexes of the lines that match. */
export function matchingLines(lines: readonly { text: string }[], query: string): number[] {
  if (!query) return [];
  const found: number[] = [];
  lines.forEach((line, index) => {
    if (findHits(line.text, query).length > 0) found.push(index);
  });
  return found;
}
