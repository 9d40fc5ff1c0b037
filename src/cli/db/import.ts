import { resolve } from 'node:path';
import { importDatabase } from '../../boot/database/import-database.ts';
import { bytesText, type DbCommand } from './db-command.ts';

/** `db import <file>`: begins the log with a database that is a file; the file stays as it is. */
export const importFrom: DbCommand = {
  summary: 'begin the log with a SQLite file, such as one that was exported; the file stays as it is',
  usage: '<file>',
  words: [1, 1],
  leads: true,
  async run(session, { words: [file = ''] }) {
    const path = resolve(file);
    const imported = await importDatabase({ ...session, file: path, alone: session.log.own });
    const what = `${path} (${bytesText(imported.bytes)}) is in ${session.log.placeInWords}, slot ${imported.seq}, and was read back byte by byte`;
    return {
      json: { ...imported, file: path, place: session.log.placeInWords },
      text: [imported.alreadyThere ? `${what}; an earlier import had brought it there.` : `${what}.`],
    };
  },
};
