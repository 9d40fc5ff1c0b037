/** The rules for coarse clocks, with made-up times: newer kernels stamp so finely that a real file cannot show the fault. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isFolderSettled, isUnsettled, settled, stampSeconds } from './version.ts';

const NOW = 1_800_000_000_000;
const at = (ms: number) => ({ ctimeMs: BigInt(ms), ctimeNs: BigInt(ms) * 1_000_000n });
const written = (ms: number) => ({ ...at(ms), mtimeNs: BigInt(ms) * 1_000_000n, nlink: 1n });

test.each([
  ['written a moment ago', written(NOW - 3), true],
  ['written a while ago', written(NOW - 50), false],
  ['put by us a moment ago', { ...written(NOW - 3), mtimeNs: BigInt(NOW - 3) * 1_000_000n + 7_000n }, false],
  ['being finished by a put', { ...written(NOW - 3), mtimeNs: 7n, nlink: 2n }, true],
  ['linked twice long ago', { ...written(NOW - 50), nlink: 2n }, false],
  ['from the future, as after a jump of the clock', written(NOW + 60_000), false],
])('a file %s may change unseen: %#', (_, stat, unsettled) => {
  expect(isUnsettled(stat, NOW)).toBe(unsettled);
});

const folder = (mtimeMs: number, ctimeMs = mtimeMs, ns = 7n) => ({
  mtimeNs: BigInt(mtimeMs) * 1_000_000n + ns,
  ctimeNs: BigInt(ctimeMs) * 1_000_000n + ns,
});

test.each([
  ['within the tick', folder(NOW - 3), false],
  ['a while ago', folder(NOW - 50), true],
  ['within the tick, and its time set back', folder(NOW - 5_000, NOW - 3), false],
  ['within the tick of a file system that counts in seconds', folder(NOW - 1_500, NOW - 1_500, 0n), false],
  ['a while ago on such a file system', folder(NOW - 2_500, NOW - 2_500, 0n), true],
])('what a folder holds that was changed %s may be remembered: %#', (_, stat, remembered) => {
  expect(isFolderSettled(stat, NOW)).toBe(remembered);
});

test('a fresh file is looked at again after the tick', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'version-'));
  const handle = await open(join(folder, 'file'), 'w');
  try {
    let looks = 0;
    await settled(async () => {
      looks += 1;
      // As a kernel with a coarse clock would do, the first write and the second one carry the same time.
      if (looks === 1) await handle.write('x');
      return handle.stat({ bigint: true });
    });
    expect(looks).toBeGreaterThan(1);
  } finally {
    await handle.close();
    await rm(folder, { recursive: true });
  }
});

test('puts within one millisecond get modification times of their own, in that millisecond', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'version-'));
  const handle = await open(join(folder, 'file'), 'w');
  try {
    const times = new Set<bigint>();
    for (let i = 0; i < 1000; i += 1) {
      const seconds = stampSeconds(NOW);
      await handle.utimes(seconds, seconds);
      const { mtimeNs } = await handle.stat({ bigint: true });
      expect(mtimeNs / 1_000_000n).toBe(BigInt(NOW));
      times.add(mtimeNs);
    }
    expect(times.size).toBe(1000);
  } finally {
    await handle.close();
    await rm(folder, { recursive: true });
  }
});
