/**
 * The chapter “A storage driver from zero” of docs/ADDING-A-PROVIDER.md is true: its files are taken out of the page, put where it
 * says, compiled, linted, and run against the suite.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CACHE, ROOT } from './checkout.mjs';

const page = readFileSync(join(ROOT, 'docs', 'ADDING-A-PROVIDER.md'), 'utf8');
/** A path in bold, then what is in it. */
const files = new Map(
  [...page.matchAll(/^\*\*`(src\/[\w./-]+)`\*\*\n\n```ts\n([\s\S]*?)^```$/gm)].map((m) => [m[1], m[2]]),
);

mkdirSync(CACHE, { recursive: true });
// A checkout of its own around the new folder; below this one, so that packages are found.
const checkout = mkdtempSync(join(CACHE, 'chapter-'));
for (const [path, content] of files) {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  writeFileSync(join(checkout, path), content);
}
for (const room of ['ports', 'domain']) symlinkSync(join(ROOT, 'src', room), join(checkout, 'src', room));
afterAll(() => rmSync(checkout, { recursive: true }));

test('the chapter writes a provider, its driver and its proof', () => {
  expect([...files.keys()].map((path) => path.replace('src/providers/drawer/', ''))).toEqual([
    'provider.ts',
    'driver.ts',
    'bucket.ts',
    'conformance.test.ts',
  ]);
});

test('its code compiles as strictly as ours', () => {
  const options = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { incremental: false, plugins: [], types: ['node'] },
  };
  const project = { ...options, include: ['src/providers/**/*.ts'], exclude: [] };
  writeFileSync(join(checkout, 'tsconfig.json'), JSON.stringify(project));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '-p', checkout], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test.each([...files])('%s is written as our own code is', (path, content) => {
  const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'check', '--write', `--stdin-file-path=${path}`];
  const formatted = execFileSync(process.execPath, args, { cwd: ROOT, input: content, encoding: 'utf8' });
  expect(formatted).toBe(content);
});

test('the provider opens its storage', async () => {
  const { provider } = await import(join(checkout, 'src/providers/drawer/provider.ts'));
  expect(provider.name).toBe('drawer');
  expect(provider.config.safeParse({}).error?.issues[0]?.message).toContain('DRAWER_FILE');
  const { storage, close } = await provider.open({ DRAWER_FILE: join(checkout, 'drawer.sqlite') }, { now: Date.now });
  await storage.createBucket('a-bucket', { labels: {} });
  expect(await storage.syncAccess('a-bucket', null)).toMatchObject({ provider: 'drawer', bucket: 'a-bucket' });
  await close();
});

describe('its suite', async () => {
  await import(join(checkout, 'src/providers/drawer/conformance.test.ts'));
});
