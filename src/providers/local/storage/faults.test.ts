/** A disk that is full, read-only or refuses: clear errors, nothing half-made, and all is well once the fault is gone. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classify } from './errors.ts';
import { startOther } from './test-bench.ts';

/** Starts a program in a mount namespace of its own, in which the folder is a disk of four megabytes. */
function onSmallDisk(folder: string): string[] {
  const unshare = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-rm'];
  return [...unshare, 'sh', '-c', 'mount -t tmpfs -o size=4m none "$0" && exec "$@"', folder];
}

test('a full disk refuses uploads with nothing left of them, then a read-only one refuses changes', async ({
  skip,
}) => {
  const root = await mkdtemp(join(tmpdir(), 'storage-full-'));
  try {
    const probe = onSmallDisk(root);
    const [command = '', ...args] = [...probe, 'true'];
    if (spawnSync(command, args).status !== 0) skip('this machine does not let tests mount a small disk');
    const other = await startOther(['full', root, 'ground'], probe);
    other.go();
    expect(await other.ended).toBe(0);
    expect(other.said).toEqual([
      { full: 'resource_exhausted' },
      { fullReplace: 'resource_exhausted' },
      { left: [{ key: 'small', sizeBytes: 4 }] },
      { folders: [] },
      { after: 'ok' },
      { readOnly: 'failed_precondition' },
      { readOnlyDelete: 'failed_precondition' },
      { readable: 4 },
    ]);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('an error of a full device is resource_exhausted and not applied', async () => {
  const device = await open('/dev/full', 'w');
  const error = await device.write('x').catch((thrown: unknown) => thrown);
  await device.close();
  expect(classify(error)).toMatchObject({ code: 'resource_exhausted', outcome: 'not_applied', retryable: false });
});

test.each([
  ['EACCES', 'permission_denied', false],
  ['EROFS', 'failed_precondition', false],
  ['ENAMETOOLONG', 'invalid_argument', false],
  ['EMFILE', 'unavailable', true],
  ['EDQUOT', 'resource_exhausted', false],
])('%s is %s', (errno, code, retryable) => {
  expect(classify(Object.assign(new Error(errno), { code: errno }))).toMatchObject({ code, retryable });
});

test('what is not known is not guessed', () => {
  expect(classify(new Error('bug'))).toBeNull();
  expect(classify('text')).toBeNull();
});
