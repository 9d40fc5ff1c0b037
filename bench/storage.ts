/**
 * Storages beside what anybody could use instead, on the same data, in the same run, over loopback only: the S3 provider beside the
 * bare SDK and rclone on one versitygw, the built server's memory while large files pass through it, the local storage beside cp,
 * the sync engine beside rsync. Each part cleans up behind itself; CMBCLUSTER_BENCH_SCALE=0.05 makes all of them small, for
 * work on the measurement itself.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVersitygw } from '../e2e/servers/versitygw.ts';
import { machine, type Report, type Row, type RunOptions } from './report.ts';
import { localRows } from './storage/copies.ts';
import { connectSides } from './storage/ground.ts';
import { largeRows } from './storage/large.ts';
import { listingRows } from './storage/listing.ts';
import { serverRows } from './storage/server.ts';
import { smallRows } from './storage/small.ts';
import { syncRows } from './storage/sync.ts';

/** Four files of 2 GiB, twice while the store puts their parts together, and room for the others. */
const NEEDED_BYTES = 24 * 2 ** 30;

export async function run({ json }: RunOptions): Promise<Report> {
  const scale = Number(process.env.CMBCLUSTER_BENCH_SCALE ?? 1);
  const only = process.env.CMBCLUSTER_BENCH_ONLY?.split(',');
  const folder = mkdtempSync(join(tmpdir(), 'cmbcluster-bench-storage-'));
  const rows: Row[] = [];
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < NEEDED_BYTES * scale)
      throw new Error(`${tmpdir()} has not enough room: ${Math.ceil((NEEDED_BYTES * scale) / 2 ** 30)} GiB are needed`);
    const server = await startVersitygw();
    try {
      const sides = await connectSides(server);
      const ground = {
        server,
        sides,
        folder,
        scale,
        note: (text: string) => void (json || process.stderr.write(text)),
      };
      const parts = { small: smallRows, listing: listingRows, large: largeRows, server: serverRows };
      for (const [name, measure] of Object.entries({ ...parts, local: localRows, sync: syncRows })) {
        if (only && !only.includes(name)) continue;
        ground.note(`${name} `);
        rows.push(...(await measure(ground)));
      }
      await sides.close();
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { name: 'storage', machine: machine(), rows };
}
