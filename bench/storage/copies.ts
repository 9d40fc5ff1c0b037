/** A copy of a large object within the local storage, which is a safe one, beside cp of the same file. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Row } from '../report.ts';
import { atLeast, beside, type Ground, inTurns, millisecondsOf, size } from './ground.ts';
import { openLocal } from './local.ts';

const BYTES = 2 ** 30;
const ROUNDS = 5;
const WITHIN_MS = 30_000;

export async function localRows({ folder, scale, note }: Ground): Promise<Row[]> {
  const bytes = Math.ceil(BYTES * scale);
  const { bucket, files, close } = await openLocal(join(folder, 'copies'));
  const run = promisify(execFile);
  const target = join(folder, 'copied');
  try {
    const block = randomBytes(Math.min(bytes, 8 * 2 ** 20));
    const blocks = (function* () {
      for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length));
    })();
    await bucket.put('large', Readable.from(blocks), { sizeBytes: bytes });
    const source = join(files, 'large');
    const rate = async (work: () => Promise<unknown>) => bytes / 2 ** 20 / ((await millisecondsOf(work)) / 1000);
    const rates = await inTurns({
      rounds: ROUNDS,
      withinMs: WITHIN_MS,
      note,
      sides: {
        async ours() {
          await bucket.delete('copy');
          return rate(() => bucket.copy('large', 'copy'));
        },
        cp() {
          rmSync(target, { force: true });
          return rate(() => run('cp', [source, target]));
        },
        safe() {
          rmSync(target, { force: true });
          return rate(async () => {
            await run('cp', [source, target]);
            await run('sync', [target]);
          });
        },
      },
    });
    const row = (peerName: string, peer: number[]) =>
      beside(
        `local copy of ${size(bytes)}, safe on the disk`,
        { ours: rates.ours, peer, peerName, unit: 'MiB/s' },
        atLeast(0.8),
      );
    return [row('cp, then sync of that file', rates.safe), row('cp', rates.cp)];
  } finally {
    await close();
    rmSync(target, { force: true });
  }
}
