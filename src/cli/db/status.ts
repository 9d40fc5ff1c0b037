import { type Survey, survey } from '../../boot/database/survey.ts';
import { nothingAt } from '../../boot/database/tools.ts';
import { bytesText, type DbCommand, pointText } from './db-command.ts';

/** `db status`: what lies at the log's place. Reads a few objects and changes nothing. */
export const status: DbCommand = {
  summary: 'what lies in the bucket: leader, last slot, snapshots, how far back it goes',
  usage: '',
  async run(session) {
    const found = await survey(session);
    if (!found)
      return {
        json: { place: session.log.placeInWords, database: null },
        text: [nothingAt(session.log.placeInWords)],
        code: 1,
      };
    const { content, ...rest } = found;
    const { slots, bases, diffs, strangers } = content;
    const counts = { slots: slots.length, bases: bases.length, diffs: diffs.length, strangers: strangers.length };
    return { json: { ...rest, counts }, text: linesOf(found) };
  },
};

function linesOf({ content, lease, ...found }: Survey): string[] {
  const { slots, bases, diffs, strangers } = content;
  const leader =
    lease === null
      ? 'nobody has said so (a server on this machine alone never does)'
      : lease.released
        ? `nobody: released at slot ${lease.seq}`
        : `${lease.url || lease.owner}, epoch ${lease.epoch}, slot ${lease.seq} or later`;
  return [
    `place         ${found.place}`,
    `leader        ${leader}`,
    `last          ${pointText(found.last)}, epoch ${found.epoch}`,
    `database      ${bytesText(found.databaseBytes)}${found.encrypted ? ', encrypted' : ', not encrypted'}`,
    `snapshot      ${found.snapshot === 0 ? 'none yet' : `slot ${found.snapshot}`}`,
    `restorable    from ${pointText(found.oldest)} on`,
    `objects       ${slots.length} slots, ${bases.length} bases, ${diffs.length} diffs`,
    ...(strangers.length > 0 ? [`strangers     ${strangers.slice(0, 5).join(', ')}`] : []),
    ...(found.movedTo === null ? [] : [`moved         to ${found.movedTo}: no server leads here any more`]),
  ];
}
