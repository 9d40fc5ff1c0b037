/** When a start installs and builds: by content, not by date, and not for what does not run. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedByHand, lockHash, sourceHash } from './checkout.mjs';

let root;

function write(path, content) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cmbcluster-checkout-'));
  write('package-lock.json', { packages: {} });
  write('scripts/build.mjs', '1');
  write('scripts/start.mjs', '1');
  write('src/ui/a.ts', 'a');
  write('src/ui/b.ts', 'b');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('sourceHash', () => {
  it.each([
    ['content', () => write('src/ui/a.ts', 'A')],
    ['name', () => renameSync(join(root, 'src/ui/a.ts'), join(root, 'src/ui/c.ts'))],
    [
      'border between files',
      () =>
        [
          ['src/ui/a.ts', 'ab'],
          ['src/ui/b.ts', ''],
        ].map((file) => write(...file)),
    ],
    ['new file', () => write('public/icon.svg', '<svg/>')],
    ['build script', () => write('scripts/build.mjs', '2')],
    ['lockfile', () => write('package-lock.json', { packages: { a: {} } })],
  ])('changes with the %s', (_, change) => {
    const before = sourceHash(root);
    change();
    expect(sourceHash(root)).not.toBe(before);
  });

  it.each([
    ['dates', () => utimesSync(join(root, 'src/ui/a.ts'), 1, 1)],
    ['tests', () => write('src/ui/a.test.tsx', 'test')],
    ['scripts that build nothing', () => write('scripts/start.mjs', '2')],
  ])('does not change with %s', (_, change) => {
    const before = sourceHash(root);
    change();
    expect(sourceHash(root)).toBe(before);
  });
});

describe('installedByHand', () => {
  const locked = {
    '': { name: 'root' },
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/b': { version: '2.0.0', integrity: 'y', optional: true },
  };
  const installed = (packages) => write('node_modules/.package-lock.json', { packages });
  beforeEach(() => write('package-lock.json', { packages: locked }));

  it('accepts what npm finished, with and without optional packages', () => {
    installed({ 'node_modules/a': locked['node_modules/a'] });
    expect(installedByHand(root)).toBe(true);
    installed({ 'node_modules/a': locked['node_modules/a'], 'node_modules/b': locked['node_modules/b'] });
    expect(installedByHand(root)).toBe(true);
  });

  it.each([
    ['nothing', () => {}],
    ['a missing package', () => installed({ 'node_modules/b': locked['node_modules/b'] })],
    ['another version', () => installed({ 'node_modules/a': { version: '1.0.1', integrity: 'x' } })],
    ['a package of an older lockfile', () => installed({ ...locked, 'node_modules/c': { version: '1.0.0' } })],
    ['half a record', () => write('node_modules/.package-lock.json', '{"packages":')],
  ])('refuses %s', (_, change) => {
    change();
    expect(installedByHand(root)).toBe(false);
  });
});

it('lockHash changes with the lockfile', () => {
  const before = lockHash(root);
  write('package-lock.json', { packages: { a: {} } });
  expect(lockHash(root)).not.toBe(before);
});
