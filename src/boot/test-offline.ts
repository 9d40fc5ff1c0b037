/** Test bed: work on the database of a data folder whose server does not run, through its log as a server would do it. */
import { join as joinPath } from 'node:path';
import type { ControlDb } from '../../prisma-free-db/database.ts';
import { readConfig } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { join } from './replica/join.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** @throws already_exists while a server runs */
export async function withDatabase<T>(dataDir: string, work: (db: ControlDb) => T | Promise<T>): Promise<T> {
  const env = { CMBCLUSTER_DATA: dataDir };
  const folder = openDataFolder(dataDir);
  try {
    const membership = await join({
      ...{ config: readConfig(env), env, folder, log: quiet, now: Date.now, port: 1 },
      migrationsDir: joinPath(import.meta.dirname, '../../prisma-free-db/migrations'),
      onEnd: (reason) => {
        throw reason;
      },
      onWant: () => {},
    });
    try {
      const { db, leader } = await membership.lead(await membership.replica.elected);
      try {
        return await work(db);
      } finally {
        await leader.handover();
        await db.close();
      }
    } finally {
      await membership.close();
    }
  } finally {
    folder.release();
  }
}
