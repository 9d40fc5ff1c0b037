/**
 * What keeping the database's log in a bucket costs: a commit in PUTs, many writers at once, the gate where nothing waits, a handover;
 * and with 100 MB the restore, the longest stop and the memory of a snapshot. Beside them plain SQLite on this disk and bare PUTs.
 */
import { commitRows } from './durability/commits.ts';
import { largeRows } from './durability/large.ts';
import { machine, type Report, type RunOptions } from './report.ts';

export async function run(options: RunOptions): Promise<Report> {
  return { name: 'durability', machine: machine(), rows: [...(await commitRows(options)), ...(await largeRows())] };
}
