import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityOf } from './folder-identity.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'identity-'));
});
afterEach(() => rmSync(base, { recursive: true }));

it('is the same in the moment a folder is made and after it was used', () => {
  for (let at = 0; at < 20; at += 1) {
    const folder = join(base, `${at}`);
    mkdirSync(folder);
    const young = identityOf(folder);
    writeFileSync(join(folder, 'a'), '');
    expect(identityOf(folder)).toBe(young);
  }
});

it('is another for another folder under the same name', () => {
  const folder = join(base, 'workspace');
  mkdirSync(folder);
  const first = identityOf(folder);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  expect(identityOf(folder)).not.toBe(first);
});
