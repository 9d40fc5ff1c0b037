import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import Database from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/process.ts';
import { openControlDb } from '../../../prisma-free-db/database.ts';
import type { Logger } from '../../ports/provider.ts';
import { readConfig } from '../config.ts';
import { type DataFolder, openDataFolder } from '../data-folder.ts';
import { join, type Led, type Membership } from './join.ts';

const migrationsDir = joinPath(import.meta.dirname, '../../../prisma-free-db/migrations');

describe('a server alone on its data folder', () => {
  let root: string;
  let folder: DataFolder;
  let open: { membership: Membership; led: Led | null }[];
  const warnings: string[] = [];
  const log: Logger = { info: () => {}, error: () => {}, warn: (message) => warnings.push(message) };
  beforeEach(() => {
    root = mkdtempSync(joinPath(tmpdir(), 'cmb-join-'));
    folder = openDataFolder(root);
    open = [];
    warnings.length = 0;
  });
  afterEach(async () => {
    for (const { membership, led } of open) {
      await led?.db.close();
      await membership.close();
    }
    folder.release();
    rmSync(root, { recursive: true, force: true });
  });

  async function joined(variables: Record<string, string> = {}): Promise<Membership> {
    const env = { CMBCLUSTER_DATA: root, ...variables };
    const membership = await join({
      ...{ config: readConfig(env), env, folder, migrationsDir, log, now: Date.now, port: 8080 },
      onEnd: (reason) => {
        throw reason;
      },
      onWant: () => {},
    });
    open.push({ membership, led: null });
    return membership;
  }

  async function leading(): Promise<Led> {
    const membership = await joined();
    const led = await membership.lead(await membership.replica.elected);
    membership.replica.lead();
    open = open.map((each) => (each.membership === membership ? { membership, led } : each));
    return led;
  }

  async function end(): Promise<void> {
    for (const { membership, led } of open.splice(0)) {
      await led?.leader.handover();
      await led?.db.close();
      await membership.close();
    }
  }

  /** As a kill would: nothing is handed over, the lease still names the one that is gone. */
  async function die(): Promise<void> {
    for (const { membership, led } of open.splice(0)) {
      await led?.db.close();
      await membership.close();
    }
  }

  const note = ({ db }: Led, text: string) =>
    db.write(() => db.drizzle.run(sql`insert into settings (key, value) values (${text}, '1')`));
  const notes = ({ db }: Led) => db.drizzle.all<{ key: string }>(sql`select key from settings order by key`);

  it('begins a database, and finds all that was durable again without waiting for a lease', async () => {
    const first = await leading();
    note(first, 'one');
    await first.db.gate();
    await die();
    const began = performance.now();
    const second = await leading();
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(notes(second)).toMatchObject([{ key: 'one' }]);
    expect(second.view([])).toMatchObject({ role: 'leader', epoch: 2, followers: [], leaseLeftMs: null });
    await end();
    expect(readdirSync(joinPath(root, 'db'))).not.toContain('live');
  });

  it('takes the database of an older data folder over, once, and leaves its file as it was', async () => {
    const older = openControlDb({ file: folder.databaseFile, migrationsDir });
    older.write(() => older.drizzle.run(sql`insert into settings (key, value) values ('old', '1')`));
    await older.close();
    const before = readFileSync(folder.databaseFile);
    const first = await leading();
    expect(notes(first)).toMatchObject([{ key: 'old' }]);
    expect(warnings).toHaveLength(1);
    note(first, 'new');
    await first.db.gate();
    await end();
    expect(notes(await leading())).toMatchObject([{ key: 'new' }, { key: 'old' }]);
    expect(warnings).toHaveLength(1);
    expect(readFileSync(folder.databaseFile)).toEqual(before);
  });

  it('begins no second database where the first one is gone, and goes on with it when it is back', async () => {
    const [there, away] = [joinPath(root, 'db/buckets/database'), joinPath(root, 'away')];
    note(await leading(), 'one');
    await end();
    renameSync(there, away);
    await expect(joined()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('is gone'),
    });
    rmSync(there, { recursive: true, force: true });
    renameSync(away, there);
    expect(notes(await leading())).toMatchObject([{ key: 'one' }]);
  });

  it('refuses the database of a newer version, and changes nothing', async () => {
    const first = await leading();
    first.db.write(() =>
      first.db.drizzle.run(sql`insert into __drizzle_migrations (hash, created_at) values ('x', 9999999999999)`),
    );
    await first.db.gate();
    await end();
    const slots = () => readdirSync(joinPath(root, 'db/buckets/database/control/log'));
    const before = slots();
    const membership = await joined();
    await expect(membership.replica.elected).rejects.toMatchObject({ code: 'newer_schema' });
    expect(slots()).toEqual(before);
  });

  it('waits for a store that does not answer, and takes the first answer', async () => {
    const port = await freePort();
    const joining = joined({
      ...{ DATABASE_STORAGE: 'aws', DATABASE_BUCKET: 'the-log', AWS_REGION: 'us-east-1' },
      ...{
        S3_ENDPOINT: `http://127.0.0.1:${port}`,
        S3_ACCESS_KEY_ID: 'nobody',
        S3_SECRET_ACCESS_KEY: 'nothing at all',
      },
      SECRET_KEY: 'a key that nobody uses for anything else',
    });
    joining.catch(() => {});
    await expect.poll(() => warnings.join(), { timeout: 10_000 }).toContain('waits for it');
    const store = createServer((_, res) =>
      res.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchBucket</Code></Error>'),
    ).listen(port, '127.0.0.1');
    try {
      await expect(joining).rejects.toThrow(/bucket/i);
    } finally {
      store.close();
    }
  });

  it('begins nothing in a place that somebody named', async () => {
    const named = joined({ DATABASE_FOLDER: joinPath(root, 'elsewhere') });
    await expect(named).rejects.toMatchObject({ code: 'no_database' });
  });

  it('keeps the working copy from everybody else', async () => {
    await leading();
    const live = joinPath(root, 'db/live');
    const [copy = ''] = readdirSync(live, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.sqlite'));
    expect(existsSync(joinPath(live, copy))).toBe(true);
    const other = new Database(joinPath(live, copy), { timeout: 0 });
    // The lock is of the process; in this one it is seen by SQLite itself.
    expect(() => other.prepare('select count(*) from settings').get()).toThrow(/locked/);
    other.close();
  });
});
