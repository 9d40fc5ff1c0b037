/** After a change of keys: everything moves to the newest one, and nothing is lost that could not be read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../boot/doctor.ts';
import { openMemoryStorage } from '../../ports/storage/memory.ts';
import type { Deps } from '../deps.ts';
import { createKeyRing } from '../keys.ts';
import { type Bench, openBench } from '../test-bench.ts';
import { openForStart } from './open-for-start.ts';
import { resealSecrets } from './reseal.ts';
import { keyOf } from './sealing.ts';
import { setFile } from './set-file.ts';
import { setVariables } from './set-variables.ts';

const OLD = 'the-old-key-'.repeat(3);
const NEW = 'the-new-key-'.repeat(3);
const idle = new AbortController().signal;

describe('sealing anew', () => {
  let folder: string;
  let bench: Bench;
  const withKeys = (...keys: [string, ...string[]]): Deps => ({ ...bench.deps, keys: createKeyRing(keys) });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cmb-reseal-'));
    mkdirSync(join(folder, 'db'));
    bench = await openBench({ file: join(folder, 'db', 'control.sqlite'), store: openMemoryStorage() });
    const deps = withKeys(OLD);
    const variables = Array.from({ length: 5 }, (_, i) => ({ name: `V${i}`, value: `value ${i}` }));
    setVariables(deps, bench.actor, variables);
    for (const path of ['a', 'b', 'c'])
      setFile(deps, bench.actor, { path, content: btoa(`content of ${path}`), replace: true });
  });
  afterEach(async () => {
    await bench.kill();
    rmSync(folder, { recursive: true });
  });

  const doctor = async (...keys: string[]) => {
    const before = process.env.SECRET_KEY;
    process.env.SECRET_KEY = keys.join(',');
    try {
      return (await examine(['--data', folder])).find(({ name }) => name === 'stored secrets');
    } finally {
      if (before === undefined) delete process.env.SECRET_KEY;
      else process.env.SECRET_KEY = before;
    }
  };

  it('moves all to the newest key, page by page, once', async () => {
    const before = openForStart(withKeys(OLD), bench.actor.userId);
    const deps = withKeys(NEW, OLD);
    expect(await resealSecrets(deps, idle, 2)).toEqual({ resealed: 8, unreadable: 0 });
    expect(await resealSecrets(deps, idle, 2)).toEqual({ resealed: 0, unreadable: 0 });
    expect(openForStart(withKeys(NEW), bench.actor.userId)).toEqual(before);
  });

  it('leaves what it cannot read as it is, for the day when the key comes back', async () => {
    expect(await resealSecrets(withKeys(NEW), idle, 2)).toEqual({ resealed: 0, unreadable: 8 });
    const kid = createKeyRing([OLD]).signing('secrets').kid;
    expect(bench.deps.secrets.sealedVariables(bench.actor.userId).map(({ sealed }) => keyOf(sealed))).toEqual(
      Array(5).fill(kid),
    );
    expect(await resealSecrets(withKeys(NEW, OLD), idle)).toMatchObject({ resealed: 8 });
  });

  it('the doctor refuses to let a key go that is still needed, and says when it is not', async () => {
    expect(await doctor(OLD)).toMatchObject({ ok: true, message: 'all 8 can be opened' });
    expect(await doctor(NEW, OLD)).toMatchObject({ ok: true, message: 'all 8 can be opened' });
    expect(await doctor(NEW)).toMatchObject({ ok: false, message: expect.stringContaining('8 cannot be opened') });
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets', 'secret-key'), OLD);
    expect((await doctor(NEW))?.message).toContain('secrets/secret-key');
    await resealSecrets(withKeys(NEW, OLD), idle);
    expect(await doctor(NEW)).toMatchObject({ ok: true });
    expect((await doctor(NEW, OLD))?.message).toContain('entry 2 of SECRET_KEY opens none');
  });
});
