/**
 * What keeping the database's log in a bucket costs: a commit in PUTs, many writers at once, the gate where nothing waits, a handover;
 * and with 100 MB the restore, the longest stop and the memory of a snapshot. Beside them plain SQLite on this disk, bare PUTs, and litestream
 * where Go is there to build it.
 */
import { commitRows } from './durability/commits.ts';
import { largeRows } from './durability/large.ts';
import { litestreamRows } from './durability/litestream.ts';
import { machine, type Report, type RunOptions } from './report.ts';

export async function run(options: RunOptions): Promise<Report> {
  const rows = [...(await commitRows(options)), ...(await litestreamRows()), ...(await largeRows())];
  return { name: 'durability', machine: machine(), rows };
}
