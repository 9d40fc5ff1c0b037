import { probeBucket } from '../../boot/database/probe-bucket.ts';
import type { DbCommand } from './db-command.ts';

/** `db probe [--full]`: whether the storage keeps the promises that the log rests on. Leaves nothing behind. */
export const probe: DbCommand = {
  summary: 'whether the storage keeps the promises that the log rests on; --full: the whole suite, some minutes',
  usage: '[--full]',
  flags: ['--full'],
  async run(session, { flags }) {
    const { checks } = await probeBucket(session, { full: flags.has('--full') });
    const failed = checks.filter(({ fault }) => fault !== null);
    return {
      json: { place: session.log.placeInWords, ok: failed.length === 0, checks },
      text: checks.map(
        ({ name, fault }) => `  ${fault === null ? '✓' : '✗'} ${name}${fault === null ? '' : `: ${fault}`}`,
      ),
      code: failed.length === 0 ? 0 : 3,
    };
  },
};
