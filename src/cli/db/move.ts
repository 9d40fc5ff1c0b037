import { moveLog } from '../../boot/database/move-log.ts';
import type { LogPlace } from '../../boot/database/settings.ts';
import { bytesText, type DbCommand, WrongUse } from './db-command.ts';

/** `db move --to-…`: all of the log to another bucket, cloud, folder or prefix; the old place is closed at the end. */
export const move: DbCommand = {
  summary: 'bring the whole log to another bucket, cloud or prefix, prove it there, and close the old place',
  usage: '[--to-storage <provider>] [--to-bucket <name>] [--to-folder <path>] [--to-prefix <prefix>]',
  values: ['--to-storage', '--to-bucket', '--to-folder', '--to-prefix'],
  leads: true,
  async run(session, { values }) {
    const change: Partial<LogPlace> = {
      ...(values['to-storage'] !== undefined && { provider: values['to-storage'] }),
      ...(values['to-bucket'] !== undefined && { bucket: values['to-bucket'] }),
      ...(values['to-folder'] !== undefined && { folder: values['to-folder'] }),
      ...(values['to-prefix'] !== undefined && { prefix: values['to-prefix'] }),
    };
    if (Object.keys(change).length === 0) throw new WrongUse('Say where to, with at least one of the --to options.');
    if (change.provider !== undefined && change.bucket === undefined && change.provider !== session.log.place.provider)
      throw new WrongUse(`Name the bucket of ${change.provider}: --to-bucket <name>.`);
    const target = await session.another(change);
    const report = await moveLog(session, target);
    const { provider, bucket, folder, prefix } = target.place;
    const variables = [
      `DATABASE_STORAGE=${provider}`,
      `DATABASE_BUCKET=${bucket}`,
      ...(folder === null ? [] : [`DATABASE_FOLDER=${folder}`]),
      `DATABASE_PREFIX=${prefix}`,
    ];
    return {
      json: { ...report, place: target.placeInWords, variables },
      text: [
        `${report.objects} objects (a database of ${bytesText(report.databaseBytes)}, slot ${report.seq}) are in ${target.placeInWords}, proven by a restore.`,
        'The old place is closed: no server writes there any more. Start the servers with:',
        ...variables.map((line) => `  ${line}`),
        ...(session.log.ring.length === 0
          ? [
              'It is not encrypted. With SECRET_KEY set, what is written from then on is; the rest goes as it grows old.',
            ]
          : []),
      ],
    };
  },
};
