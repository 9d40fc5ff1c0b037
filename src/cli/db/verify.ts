import { checkObjects, verifyPresent } from '../../boot/database/survey.ts';
import { bytesText, type DbCommand } from './db-command.ts';

/** `db verify [--all]`: restores the database aside and has SQLite read all of it; with `--all` looks at every object that is kept. */
export const verify: DbCommand = {
  summary: 'restore the database aside and check all of it; --all: every object that is kept, too',
  usage: '[--all]',
  flags: ['--all'],
  async run(session, { flags }) {
    session.say('Restoring the present.');
    const present = await verifyPresent(session, session.workDir);
    const from = present.snapshot === 0 ? 'the first slot on:' : `the snapshot of slot ${present.snapshot} and`;
    const text = [
      `The present is whole: slot ${present.seq}, epoch ${present.epoch}, ${bytesText(present.databaseBytes)}, restored in ${present.ms} ms from ${from} ${present.slots} slots.`,
    ];
    if (!flags.has('--all')) return { json: { ...present, all: null }, text };
    session.say('Looking at every object.');
    const all = await checkObjects(session, (done, of) => {
      if (done % 1_000 === 0) session.say(`${done} of ${of} objects.`);
    });
    const faults = all.faults.map(({ key, reason }) => `  ${key}: ${reason}`);
    const verdict =
      faults.length === 0
        ? `All ${all.objects} objects are whole.`
        : `${faults.length} of ${all.objects} objects are not:`;
    return { json: { ...present, all }, text: [...text, verdict, ...faults], code: faults.length === 0 ? 0 : 3 };
  },
};
