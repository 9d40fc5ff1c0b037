import { beginLog } from '../../boot/database/init-log.ts';
import type { DbCommand } from './db-command.ts';

/** `db init`: begins a database in a place that is named and empty; makes the bucket when it is missing. */
export const init: DbCommand = {
  summary: 'begin a database where there is none; makes the bucket when it is missing',
  usage: '',
  leads: true,
  async run(session) {
    const begun = await beginLog(session, session.config.keepVersionsDays);
    const off = begun.settings.filter(({ state }) => state !== 'on');
    return {
      json: { place: session.log.placeInWords, ...begun },
      text: [
        `A database can begin in ${session.log.placeInWords}. Start the server now.`,
        ...off.map(({ setting, state, reason }) => `  ${setting}: ${state}${reason ? ` (${reason})` : ''}`),
      ],
    };
  },
};
