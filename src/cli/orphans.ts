import { readConfig, readEnvironment } from '../boot/config.ts';
import { requestOrphans } from '../boot/control-client.ts';
import { type Command, takeOptions } from './command.ts';

/** `orphans`: buckets without a record and records without a bucket, asked of the running server. Changes nothing. */
export const orphans: Command = async (args) => {
  const { flags, rest } = takeOptions(args, { values: [], flags: ['--json'] });
  const { dataDir } = readConfig(readEnvironment(rest));
  const report = await requestOrphans(dataDir);
  const { buckets, records, unreachable } = report;
  const lines = [
    ...buckets.map(
      ({ provider, bucket, owner, createdAt }) =>
        `  bucket without a record   ${provider}/${bucket}   owner ${owner ?? 'unknown'}   since ${dateOf(createdAt)}`,
    ),
    ...records.map(
      ({ provider, bucket, displayName, ownerId }) =>
        `  record without a bucket   ${provider}/${bucket}   “${displayName}” of ${ownerId}`,
    ),
    ...unreachable.map(({ provider, message }) => `  not asked                 ${provider}   ${message}`),
  ];
  const text = lines.length === 0 ? '  Buckets and records agree.' : lines.join('\n');
  process.stdout.write(flags.has('--json') ? `${JSON.stringify(report)}\n` : `${text}\n`);
  return unreachable.length === 0 ? 0 : 1;
};

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
