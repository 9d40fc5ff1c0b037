/** docs/benchmarks.md: the text is written by hand, the tables between markers by `npm run bench -- --write`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, Row } from './report.ts';

const FILE = join(import.meta.dirname, '../docs/benchmarks.md');

/** @throws when the page has no place for a measurement */
export async function writeTables(
  reports: readonly (Report & { load: string })[],
  { system, at }: { system: string; at: Date },
): Promise<void> {
  let page = await readFile(FILE, 'utf8');
  for (const report of reports) {
    const [begin, end] = [`<!-- ${report.name} -->`, `<!-- /${report.name} -->`];
    const from = page.indexOf(begin);
    const to = page.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no ${begin} … ${end}`);
    const when = at.toISOString().slice(0, 10);
    const text = `${when} · ${report.machine} · ${system} · load before the run ${report.load}\n\n${table(report.rows)}`;
    page = `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
  }
  await writeFile(FILE, page);
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ measure, ours, unit, peer, peerName, ratio, goal, ok }) => {
    const beside = peer === null ? peerName : `${figure(peer, unit)} (${peerName})`;
    return `| ${measure} | ${figure(ours, unit)} | ${beside} | ${ratio === null ? '' : ratio.toFixed(2)} | ${goal} | ${ok ? 'met' : '**missed**'} |`;
  });
  return ['| measure | CMBCluster | beside | ratio | goal | |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

function figure(value: number, unit: string): string {
  return `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)} ${unit}`;
}
