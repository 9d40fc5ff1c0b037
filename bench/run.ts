/**
 * `npm run bench [name…] [--json] [--write]`: runs one measurement, several, or all, prints each figure beside its peer or floor of
 * the same run, and with `--write` replaces their tables in docs/benchmarks.md. Exits with 1 when a goal is missed.
 */
import { readdirSync } from 'node:fs';
import { arch, platform, release, totalmem } from 'node:os';
import { load } from './process.ts';
import type { Report, Row, RunOptions } from './report.ts';
import { writeTables } from './tables.ts';

const NOT_MEASUREMENTS = new Set(['run', 'report', 'tables', 'process', 'server', 'seed', 'live']);
const known = readdirSync(import.meta.dirname)
  .flatMap((file) => /^([a-z-]+)\.ts$/.exec(file)?.[1] ?? [])
  .filter((name) => !NOT_MEASUREMENTS.has(name))
  .sort();

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));
const options = args.filter((arg) => arg.startsWith('--'));
const wrong = [
  ...names.filter((name) => !known.includes(name)),
  ...options.filter((option) => option !== '--json' && option !== '--write'),
];
if (wrong.length > 0) {
  process.stderr.write(
    `Unknown: ${wrong.join(', ')}.\nUsage: npm run bench [-- ${known.join('|')} … --json --write]\n`,
  );
  process.exit(2);
}

const json = options.includes('--json');
const reports: (Report & { load: string })[] = [];
for (const name of names.length > 0 ? names : known) {
  const before = load();
  if (!json) process.stderr.write(`\n${name}\n`);
  const { run } = (await import(`./${name}.ts`)) as { run(options: RunOptions): Promise<Report> };
  const report = { ...(await run({ json })), load: before };
  reports.push(report);
  if (!json) process.stdout.write(`${asText(report)}\n`);
}
if (json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
if (options.includes('--write')) {
  const system = `${platform()} ${release()} ${arch()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  await writeTables(reports, { system, at: new Date() });
}
process.exitCode = reports.every(({ rows }) => rows.every(({ ok }) => ok)) ? 0 : 1;

function asText({ name, machine, rows, load }: Report & { load: string }): string {
  const lines = rows.map(
    (row) =>
      `  ${row.ok ? '✓' : '✗'} ${row.measure.padEnd(52)} ${figure(row).padStart(12)}  ${beside(row)}  (${row.goal})`,
  );
  return [`${name} · ${machine} · load before ${load}`, ...lines].join('\n');
}

function figure({ ours, unit }: Row): string {
  return `${round(ours)} ${unit}`;
}

function beside({ peer, peerName, ratio, unit }: Row): string {
  if (peer === null) return peerName;
  return `${peerName} ${round(peer)} ${unit}${ratio === null ? '' : `, × ${ratio.toFixed(2)}`}`;
}

function round(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
