/**
 * What became of the promises of one storage, written down for docs/PARITY.md (scripts/parity.mjs) when all of them were looked at:
 * the results of a run of chosen tests say nothing about the storage.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Declared } from './declared.ts';

/** fault: not judged, because the server under test gets it wrong. */
export type Outcome = 'passed' | 'failed' | 'lacking' | 'skipped' | 'fault';

export interface Result {
  promise: string;
  outcome: Outcome;
  reason: string | null;
}

export interface ResultsFile {
  /** Its column. */
  storage: string;
  /** Of the suite that was run: results of different suites make no matrix. */
  suite: string;
  /** null where the server under test is no measure for what a storage says of itself. */
  declared: Declared | null;
  promises: Result[];
}

/** Changes with any file of the suite. */
function suiteVersion(): string {
  const folder = new URL('.', import.meta.url);
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(readFileSync(new URL(name, folder)));
  return hash.digest('hex').slice(0, 16);
}

/** @param path relative paths are below the folder that the tests run in */
export function writeResults(path: string, results: Omit<ResultsFile, 'suite'>): void {
  const { storage, declared, promises } = results;
  const file: ResultsFile = { storage, suite: suiteVersion(), declared, promises };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`);
}
