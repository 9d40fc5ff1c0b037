import { collectable } from '../../boot/database/collectable.ts';
import { type DbCommand, WrongUse } from './db-command.ts';

/** `db gc --dry-run`: what the leader's next collection removes. Only a leader collects, so there is no other `db gc`. */
export const gc: DbCommand = {
  summary: 'what the leader’s next collection would remove',
  usage: '--dry-run',
  flags: ['--dry-run'],
  async run(session, { flags }) {
    if (!flags.has('--dry-run'))
      throw new WrongUse(
        'Only the leading server collects, after each of its snapshots. Use --dry-run to see what goes.',
      );
    const { plan, retainedFrom } = await collectable(session, session.config.database.retentionMs);
    const kept = `Every state from slot ${retainedFrom} on stays within reach.`;
    if (!plan)
      return {
        json: { retainedFrom, slots: [], bases: [], diffs: [] },
        text: ['Nothing, before the present leader has taken its first snapshot.', kept],
      };
    const { slots, bases, diffs } = plan;
    return {
      json: { retainedFrom, slots, bases, diffs },
      text: [`${slots.length} slots, ${bases.length} bases and ${diffs.length} diffs would go.`, kept],
    };
  },
};
