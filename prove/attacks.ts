/**
 * Takes the defences away one by one, in a copy of the tree that is thrown away, and runs the one attack of src/boot/attacks that
 * must then succeed; or, for promises that are no attack's, the one test that keeps them. A weakening that no test notices is a defence that nothing holds: it is reported, and the proof fails.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WEAKENINGS as DEFENCES, type Weakening } from './attacks-weakenings.ts';
import { PROMISES } from './promises-weakenings.ts';

const ROOT = join(import.meta.dirname, '..');
const COPIED = ['src', 'prisma-free-db', 'e2e', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
const ATTACKS = 'boot/attacks';
const WEAKENINGS: readonly Weakening[] = [...DEFENCES, ...PROMISES];
const LONGEST_RUN_MS = 120_000;

interface Result {
  ancestorTitles: string[];
  title: string;
  status: string;
}

interface Run {
  /** Full names of tests. */
  failed: string[];
  passed: number;
}

let caught = 0;

/** What the proof has to say of itself when it held. */
export const held = (): string => `${WEAKENINGS.length} weakenings, ${caught} caught`;

/** @returns what did not hold; empty = all did */
export async function prove(): Promise<string[]> {
  const tree = mkdtempSync(join(tmpdir(), 'cmb-prove-attacks-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(tree, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    const files = [...new Set(WEAKENINGS.map(({ attack }) => attack))];
    const red = files.flatMap((file) =>
      run(tree, file, '').failed.map((name) => `red before anything was weakened: ${name}`),
    );
    if (red.length > 0) return red;
    return WEAKENINGS.flatMap((weakening) => {
      const problem = weaken(tree, weakening);
      if (problem === null) caught += 1;
      process.stdout.write(`${problem === null ? '✓' : '✗'} ${weakening.what}\n`);
      return problem === null ? [] : [`${weakening.what}: ${problem}`];
    });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** @returns null when the attack was noticed */
function weaken(tree: string, { file, from, to, attack, test }: Weakening): string | null {
  const path = join(tree, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) return `${file} does not hold the text to weaken exactly once`;
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    const { failed, passed } = run(tree, attack, test);
    if (failed.some((name) => name.includes(test))) return null;
    return passed === 0 ? `no test “${test}” ran in ${attack}` : `“${test}” stays green`;
  } finally {
    writeFileSync(path, text);
  }
}

/** @throws when the tests could not run at all: a copy that does not load proves nothing */
function run(tree: string, attack: string, test: string): Run {
  const report = join(tree, 'report.json');
  rmSync(report, { force: true });
  const named = test === '' ? [] : ['-t', test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')];
  const file = attack.includes('/') ? attack : `${ATTACKS}/${attack}`;
  const args = ['vitest', 'run', `src/${file}.test.ts`, ...named, '--reporter=json', `--outputFile=${report}`];
  const { stderr } = spawnSync('npx', args, { cwd: tree, encoding: 'utf8', timeout: LONGEST_RUN_MS });
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { message: string; assertionResults: Result[] }[];
  };
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.find(
    ({ assertionResults, message }) =>
      assertionResults.length === 0 || (message && all.every(({ status }) => status !== 'failed')),
  );
  if (broken) throw new Error(`${attack} does not load: ${broken.message || stderr}`);
  return {
    failed: all
      .filter(({ status }) => status === 'failed')
      .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' > ')),
    passed: all.filter(({ status }) => status === 'passed').length,
  };
}
