import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStorage } from '../../../ports/storage/conformance.ts';
import { openLocalStorage } from './local-storage.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

describeStorage('local', async () => {
  const root = await mkdtemp(join(tmpdir(), 'storage-'));
  return {
    provider: openLocalStorage({ root, now: Date.now, log }),
    constantMemory: true,
    cleanup: () => rm(root, { recursive: true }),
  };
});
