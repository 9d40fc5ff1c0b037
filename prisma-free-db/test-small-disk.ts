/** Test program: fills the small disk that its argument lies on while it writes, and says as JSON lines what the database answered. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asAppError } from '../src/services/faults.ts';
import { openControlDb } from './database.ts';
import { createRecordRepository } from './repositories/records.ts';
import { fillDisk } from './test-fill-disk.ts';

const [, , folder = ''] = process.argv;
const say = (fact: unknown) => process.stdout.write(`${JSON.stringify(fact)}\n`);
const migrationsDir = fileURLToPath(new URL('./migrations', import.meta.url));

const attempt = (work: () => unknown): string => {
  try {
    work();
    return 'ok';
  } catch (error) {
    const known = asAppError(error);
    return `${known.code}: ${known.message}`;
  }
};

const db = openControlDb({ file: join(folder, 'control.sqlite'), migrationsDir });
const records = createRecordRepository(db.drizzle);
db.write(() => records.setSetting('before', 'kept'));
const empty = fillDisk(folder);
let told = 0;
const failed = attempt(() => {
  // Some pages of the log may be there already: one of these does not fit.
  for (let i = 0; i < 100; i += 1) {
    db.write(() => {
      db.afterCommit(() => {
        told = i + 1;
      });
      records.setSetting(`part-${i}`, 'x'.repeat(8_000));
      records.setSetting(`twin-${i}`, 'y');
    });
  }
});
say({ failed });
const parts = () =>
  Array.from({ length: 100 }, (_, i) => [records.getSetting(`part-${i}`), records.getSetting(`twin-${i}`)]);
say({ halves: parts().filter(([part, twin]) => (part === undefined) !== (twin === undefined)).length });
say({ told: told === parts().filter(([part]) => part !== undefined).length });
say({ readable: records.getSetting('before'), alive: db.ping() });
say({ again: attempt(() => db.write(() => records.setSetting('big', 'z'.repeat(500_000)))) });
empty();
say({ after: attempt(() => db.write(() => records.setSetting('after', 'x'.repeat(8_000)))) });
await db.close();
const reopened = openControlDb({ file: join(folder, 'control.sqlite'), migrationsDir });
const kept = createRecordRepository(reopened.drizzle);
say({ reopened: [kept.getSetting('before'), String(kept.getSetting('after')).length, kept.getSetting('big') ?? null] });
await reopened.close();
rmSync(join(folder, 'other'), { recursive: true, force: true });
fillDisk(folder);
say({ opening: attempt(() => openControlDb({ file: join(folder, 'fresh.sqlite'), migrationsDir })) });
