import { mkdtemp, open, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageConformance } from '../../../ports/storage/conformance/suite.ts';
import { layoutOf } from './layout.ts';
import { openLocalStorage } from './local-storage.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

/** As a failing disk would: the content changes, what the file system knows of it does not. */
async function flipByte(path: string): Promise<void> {
  const { atime, mtimeNs } = await stat(path, { bigint: true });
  const file = await open(path, 'r+');
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
    await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 0);
  } finally {
    await file.close();
  }
  // The very number that stamped it (version.ts): another sum of the same size may differ in its last bit.
  await utimes(path, atime, (Number(mtimeNs / 1000n) + 0.5) / 1e6);
}

storageConformance({
  name: 'local',
  resultsFile: '.cache/parity/local.json',
  async open() {
    const root = await mkdtemp(join(tmpdir(), 'storage-'));
    const provider = async () => openLocalStorage({ root, now: Date.now, log });
    return {
      provider: await provider(),
      another: provider,
      constantMemory: true,
      damage: { stored: (bucket, key) => flipByte(join(layoutOf(root).bucket(bucket).files, key)) },
      cleanup: () => rm(root, { recursive: true }),
    };
  },
});
