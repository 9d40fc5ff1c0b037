import { resolve } from 'node:path';
import { restoreToPlace } from '../../boot/database/restore-to-place.ts';
import { slotAt } from '../../boot/database/survey.ts';
import { restoreToFile } from '../../boot/database/tools.ts';
import { bytesText, type DbCommand, WrongUse } from './db-command.ts';

/** `db restore [--at <slot or time>] --out <file> | --to <prefix>`: an earlier state, into a file or below a new prefix; never in place. */
export const restore: DbCommand = {
  summary: 'the present or an earlier state, into a file or below a new prefix of the same bucket',
  usage: '[--at <slot or time>] --out <file> | --to <prefix>',
  values: ['--at', '--out', '--to'],
  async run(session, { values: { at, out, to } }) {
    if ((out === undefined) === (to === undefined)) throw new WrongUse('Say either --out <file> or --to <prefix>.');
    const until = at === undefined ? undefined : await slotAt(session, at);
    if (out !== undefined) {
      const file = resolve(out);
      session.say(`Restoring ${until === undefined ? 'the present' : `slot ${until}`}.`);
      const { chain } = await restoreToFile(session, file, until);
      const bytes = chain.dbPages * chain.pageSize;
      return {
        json: { seq: chain.seq, epoch: chain.epoch, bytes, file },
        text: [
          bytes === 0
            ? `Slot ${chain.seq} is before the first change: ${file} is empty.`
            : `Slot ${chain.seq} is in ${file} (${bytesText(bytes)}), checked by SQLite.`,
        ],
      };
    }
    const target = await session.another({ prefix: to ?? '' });
    const { seq, from } = await restoreToPlace(session, target, until);
    return {
      json: { from, seq, place: target.placeInWords, prefix: to },
      text: [
        `Slot ${from} is now slot ${seq} of ${target.placeInWords}.`,
        `To go on from it: stop every server, set DATABASE_PREFIX=${to}, start.`,
      ],
    };
  },
};

/** `db export --out <file>`: the present as a plain SQLite file. */
export const exportTo: DbCommand = {
  summary: 'the present as a plain SQLite file',
  usage: '--out <file>',
  values: ['--out'],
  async run(session, { values: { out } }) {
    if (out === undefined) throw new WrongUse('Say where to: --out <file>.');
    return restore.run(session, { values: { out }, flags: new Set(), words: [] });
  },
};
