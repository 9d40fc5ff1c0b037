/**
 * `npm run parity`: writes docs/PARITY.md from what the conformance suites found out, one column a storage. The suites leave their
 * results in .cache/parity when they ran in full: `npm test` those of storages that need no server, `npm run test:extended` the
 * others. `--check` writes nothing and fails when the page says something else; names of results print their columns alone.
 * Dependency-free, runs on Node 20.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, ROOT } from './checkout.mjs';

const RESULTS = join(CACHE, 'parity');
const PAGE = join(ROOT, 'docs', 'PARITY.md');
/** Columns that come before the others, which are in the order of their names. */
const FIRST = ['memory', 'local'];

const CAPABILITIES = {
  versions: 'Replace or delete only what one has seen',
  history: 'Replaced and deleted files are kept',
  signedUrls: 'Browsers reach files by themselves, by signed links',
  uploads: 'Uploads in parts, resumed after a break',
  folders: 'Empty folders',
  atomicMove: 'Files and folders are renamed in one step',
  keysMayNest: 'A file `a` beside a file `a/b`',
};
const SETTINGS = {
  private: 'Nobody outside may look',
  transport: 'TLS only',
  encryption: 'Encrypted at rest',
  versions: 'Old versions are kept',
  expiry: 'Old versions and abandoned uploads expire',
  cors: 'Pages of the app may use signed links',
  logs: 'Each access is written down',
};
const WORK = {
  rename: 'Rename',
  append: 'Append, write in place',
  overwrite: 'Overwrite',
  symlink: 'Symbolic links',
  locks: 'Locks (SQLite, git by several)',
};

/** Results by file name, in the order of the columns. */
export function readResults(folder = RESULTS) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return names
    .map((name) => name.slice(0, -'.json'.length))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => ({ name, ...JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) }));
}

const committedPage = () => (existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '');

/** The columns that a page has, by the names of the results. */
export function columnsOf(page) {
  return /^<!-- results: (.*) -->$/m.exec(page)?.[1].split(' ') ?? [];
}

/** Why these results make no matrix, or null. @param wanted columns that must be there: those that the page has */
export function whyIncomplete(results, wanted = columnsOf(committedPage())) {
  const missing = wanted.filter((name) => !results.some((result) => result.name === name));
  if (missing.length > 0) return `no results of ${missing.join(', ')}`;
  if (results.length === 0) return 'no results at all';
  return new Set(results.map(({ suite }) => suite)).size === 1
    ? null
    : 'the results are of different states of the suite';
}

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map((_, i) => (i === 0 ? '---' : ':-:'))), ...rows.map(row)];
const cellText = (text) => text.replaceAll('|', '\\|');
const title = ({ storage }) => storage[0].toUpperCase() + storage.slice(1);

/** Numbers reasons in the order in which they are first told. */
function createNotes() {
  const numbers = new Map();
  return {
    ref(reason) {
      const text = reason ?? 'No reason was given.';
      if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
      return `[^${numbers.get(text)}]`;
    },
    lines: () => [...numbers].map(([text, number]) => `[^${number}]: ${text}`),
  };
}

/** Each reason once. What is wrong with a test server is told with its name. */
function refs(notes, result, promises) {
  const text = ({ outcome, reason }) => (outcome === 'fault' ? `${title(result)}: ${reason}` : reason);
  return [...new Set(promises.map((promise) => notes.ref(text(promise))))].join('');
}

const LEGEND =
  '✓ tested and kept · — the storage says that it lacks it, and refuses it · ? the test server gets it wrong, so it is not judged there · n/a cannot be tested there · ✗ broken. The notes say why.';
const MARKS = { passed: '✓', lacking: '—', fault: '?', skipped: 'n/a', failed: '✗' };

function countCell(notes, result, topic) {
  const promises = result.promises.filter(({ promise }) => topicOf(promise) === topic);
  const parts = Object.entries(MARKS).map(([outcome, mark]) => {
    const found = promises.filter((promise) => promise.outcome === outcome);
    if (found.length === 0) return '';
    const why = outcome === 'passed' || outcome === 'failed' ? '' : refs(notes, result, found);
    return `${mark} ${found.length}${why}`;
  });
  return parts.filter(Boolean).join(' · ') || '–';
}

function promiseCell(notes, result, name) {
  const found = result.promises.find(({ promise }) => promise === name);
  if (!found) return '–';
  const mark = MARKS[found.outcome];
  return found.outcome === 'passed' || found.outcome === 'failed' ? mark : `${mark}${refs(notes, result, [found])}`;
}

const topicOf = (promise) => promise.slice(0, promise.indexOf(': '));

function promiseSections(notes, results) {
  const proven = results.filter(({ promises }) => promises.length > 0);
  const names = [...new Set(proven.flatMap(({ promises }) => promises.map(({ promise }) => promise)))];
  const topics = [...new Set(names.map(topicOf))];
  const summary = table(
    ['Promises about', ...proven.map(title)],
    topics.map((topic) => [topic, ...proven.map((result) => countCell(notes, result, topic))]),
  );
  const details = topics.flatMap((topic) => [
    `<details><summary>${topic}</summary>`,
    '',
    ...table(
      ['', ...proven.map(title)],
      names
        .filter((name) => topicOf(name) === topic)
        .map((name) => [
          cellText(name.slice(topic.length + 2)),
          ...proven.map((result) => promiseCell(notes, result, name)),
        ]),
    ),
    '',
    '</details>',
    '',
  ]);
  return { summary, details };
}

function capabilityRows(notes, declaring) {
  const known = [...new Set(declaring.flatMap(({ declared }) => Object.keys(declared.capabilities)))];
  const cell = ({ capabilities, lacks }, what) =>
    capabilities[what] ? '✓' : `—${notes.ref(lacks.find((lack) => lack.what === what)?.reason)}`;
  const ordered = [...new Set([...Object.keys(CAPABILITIES), ...known])].filter((what) => known.includes(what));
  return ordered.map((what) => [CAPABILITIES[what] ?? what, ...declaring.map(({ declared }) => cell(declared, what))]);
}

function settingRows(notes, declaring) {
  const names = declaring[0]?.declared.settings.map(({ setting }) => setting) ?? [];
  return names.map((name) => [
    SETTINGS[name] ?? name,
    ...declaring.map(({ declared }) => {
      const { state, reason } = declared.settings.find(({ setting }) => setting === name) ?? {};
      return state === 'on' ? '✓' : state === 'lacking' ? `—${notes.ref(reason)}` : '○';
    }),
  ]);
}

/** The mount that this storage is meant for: a volume of a cluster, or a folder of this machine. */
function mountOf({ mounts: { cluster, machine } }) {
  return cluster.kind === 'kubernetes' ? cluster : machine;
}

function mountText(notes, mount) {
  if ('refused' in mount) return `—${notes.ref(mount.refused)}`;
  if (mount.kind !== 'kubernetes') return 'the folder itself';
  return `\`${mount.driver}\`, ${mount.objects.length === 0 ? 'inline' : 'volume and claim'}`;
}

function mountRows(notes, declaring) {
  const mounts = declaring.map(({ declared }) => mountOf(declared));
  const work = Object.entries(WORK).map(([what, text]) => [
    text,
    ...mounts.map((mount) => ('refused' in mount ? '' : mount.capabilities[what] ? '✓' : '—')),
  ]);
  return [
    ['Mounted (`WORKSPACE_MODE=mount`)', ...mounts.map((mount) => mountText(notes, mount))],
    ...work,
    [
      'Kept in step (`WORKSPACE_MODE=sync`): a disk, where everything works',
      ...declaring.map(({ declared: { syncRefused } }) => (syncRefused === null ? '✓' : `—${notes.ref(syncRefused)}`)),
    ],
  ];
}

function accessLines(declaring) {
  return declaring.map((result) => {
    const { cluster, machine } = result.declared.access;
    const texts = cluster === machine ? cluster : `In a cluster: ${cluster} Elsewhere: ${machine}`;
    return `- **${title(result)}.** ${texts}`;
  });
}

function otherLacks(declaring) {
  return declaring.flatMap((result) => {
    const { lacks, capabilities } = result.declared;
    const others = lacks.filter(({ what }) => !(what in capabilities));
    return others.map(({ what, reason }) => `- **${title(result)}**, \`${what}\`: ${reason}`);
  });
}

/** The whole page. Pure. */
export function parityPage(results) {
  const notes = createNotes();
  const declaring = results.filter(({ declared }) => declared !== null);
  const head = ['', ...declaring.map(title)];
  const lacks = otherLacks(declaring);
  const promises = promiseSections(notes, results);
  const sections = [
    '# Storages side by side',
    '',
    `<!-- results: ${results.map(({ name }) => name).join(' ')} -->`,
    '',
    'What each storage does and does not do: one contract (`src/ports/storage/storage.ts`), one suite (`src/ports/storage/conformance`),',
    'run against each. Written by `npm run parity` from the results of those runs, never by hand.',
    '',
    '## Promises kept',
    '',
    LEGEND,
    '',
    ...promises.summary,
    '',
    '## What each offers',
    '',
    ...table(head, capabilityRows(notes, declaring)),
    '',
    ...(lacks.length > 0
      ? ['What servers were found to lack besides, and what is done without:', '', ...lacks, '']
      : []),
    '## Settings of a bucket',
    '',
    '✓ made and read back · — none, or none needed.',
    '',
    ...table(head, settingRows(notes, declaring)),
    '',
    '## The bucket as a folder of an environment',
    '',
    ...table(head, mountRows(notes, declaring)),
    '',
    '## Who reaches a bucket',
    '',
    ...accessLines(declaring),
    '',
    '## Every promise',
    '',
    ...promises.details,
    '## Notes',
    '',
    ...notes.lines(),
    '',
  ];
  return sections.join('\n');
}

/** Prints the page with these columns only: for whoever writes a storage. */
function show(names) {
  const results = readResults().filter(({ name }) => names.includes(name));
  const why = whyIncomplete(results, names);
  if (why === null) console.log(parityPage(results));
  else console.error(`There is nothing to show: ${why}. Run the suite of that storage, with a resultsFile.`);
  return why === null ? 0 : 1;
}

function main(check) {
  const results = readResults();
  const why = whyIncomplete(results);
  if (why !== null) {
    console.error(`docs/PARITY.md cannot be made: ${why}. Run npm test and npm run test:extended first.`);
    return 1;
  }
  const page = parityPage(results);
  if (check && page !== committedPage()) {
    console.error('docs/PARITY.md does not say what the suites found. Run npm run parity and commit the page.');
    return 1;
  }
  if (!check) writeFileSync(PAGE, page);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2).filter((word) => word !== '--check');
  process.exitCode = names.length > 0 ? show(names) : main(process.argv.includes('--check'));
}
