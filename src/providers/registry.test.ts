import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLinkStore } from '../ports/identity/memory.ts';
import { loadProvider, providerNames } from './registry.ts';

const quiet = { info() {}, warn() {}, error() {} };

describe('registry', () => {
  it('knows the folders that hold a provider, and only those', () => {
    expect(providerNames()).toEqual(expect.arrayContaining(['local', 'memory']));
    expect(providerNames()).not.toContain('registry.ts');
  });

  it('loads every one of them, each keeping to the contract', async () => {
    for (const name of providerNames()) {
      const provider = await loadProvider(name);
      expect(provider.name).toBe(name);
      expect(provider.label).toMatch(/\S/);
      expect(typeof provider.configured({})).toBe('boolean');
    }
  });

  it.each(['azure', '', '..', '../providers/local', 'registry.ts'])(
    'refuses %j and lists the known ones',
    async (name) => {
      await expect(loadProvider(name)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringMatching(/local.*memory/),
      });
    },
  );

  it('memory opens with nothing configured', async () => {
    const provider = await loadProvider('memory');
    const parts = await provider.open(provider.config.parse({}), {
      dataDir: '/nonexistent',
      programsDir: '/nonexistent',
      nodePath: process.execPath,
      links: createMemoryLinkStore(),
      log: quiet,
      now: Date.now,
    });
    await parts.storage?.createBucket('bucket-of-a-test', { labels: {} });
    expect(parts.spawner && parts.identity?.mintLink && parts.applications?.length).toBeTruthy();
    await parts.close();
  });
});

/** A copy of the registry beside two folders that the project does not know, run as a developer and as a bundle would run it. */
describe('a new folder', () => {
  let root: string;
  const PRINT = `
    import { loadProvider, providerNames } from './src/providers/registry.ts';
    const provider = await loadProvider('azure');
    const wrong = await loadProvider('impostor').catch((error) => error.code);
    console.log(JSON.stringify([providerNames(), provider.label, wrong]));`;
  const EXPECTED = [['azure', 'impostor'], 'Azure', 'internal'];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'cmbcluster-registry-'));
    const folder = (...path: string[]) => {
      mkdirSync(join(root, ...path), { recursive: true });
      return join(root, ...path);
    };
    const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
    const copy = (from: string, to: string) => execFileSync('cp', [here(from), to]);
    copy('./registry.ts', folder('src', 'providers'));
    copy('../domain/errors.ts', folder('src', 'domain'));
    writeFileSync(
      join(folder('src', 'providers', 'azure'), 'provider.ts'),
      "export const provider = { name: 'azure', label: 'Azure' };",
    );
    writeFileSync(
      join(folder('src', 'providers', 'impostor'), 'provider.ts'),
      "export const provider = { name: 'local' };",
    );
    writeFileSync(join(folder('src', 'providers', 'notes'), 'readme.txt'), 'no provider');
    writeFileSync(join(root, 'print.ts'), PRINT);
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const run = (file: string) => JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' })) as unknown;

  it('is a provider while developing', () => {
    expect(run(join(root, 'print.ts'))).toEqual(EXPECTED);
  });

  it('is a provider in a bundle, also without its sources', async () => {
    await build({
      entryPoints: [join(root, 'print.ts')],
      outfile: join(root, 'dist', 'print.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node24',
      define: { CMBCLUSTER_PROVIDERS: JSON.stringify(['azure', 'impostor']) },
      logLevel: 'silent',
    });
    rmSync(join(root, 'src'), { recursive: true });
    expect(run(join(root, 'dist', 'print.mjs'))).toEqual(EXPECTED);
  });
});
