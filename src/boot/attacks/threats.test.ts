/** docs/THREATS.md tells where each attack is played: what it names is there, and nothing that is there is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../..');
const page = readFileSync(join(SRC, '../docs/THREATS.md'), 'utf8');
const named = [...page.matchAll(/`((?:attacks|gateway|api|boot|ports)\/[\w/.-]+\.ts)`/g)].map(([, path]) => path ?? '');

it('every file that the page names exists', () => {
  const missing = named.filter((path) => !existsSync(join(SRC, path.replace(/^attacks\//, 'boot/attacks/'))));
  expect(named.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

it('every file of attacks is on the page', () => {
  const files = readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith('.test.ts') && file !== 'threats.test.ts',
  );
  expect(files.filter((file) => !named.includes(`attacks/${file}`))).toEqual([]);
});
