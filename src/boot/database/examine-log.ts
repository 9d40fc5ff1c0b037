/**
 * The database's part of `doctor`: whether a start would find its log, may read and write it, can open it, and whether the bucket keeps what
 * it is given. One line for each thing that is looked at; what is wrong says what to do. Leaves nothing behind.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHeader } from '../../../prisma-free-db/replication/codec.ts';
import { persist } from '../../../prisma-free-db/replication/pacing.ts';
import { probeStore } from '../../../prisma-free-db/replication/probe.ts';
import { isAppError } from '../../domain/errors.ts';
import type { Check } from '../check.ts';
import type { Config, Env } from '../config.ts';
import { explainLog } from './explain-log.ts';
import { wantedOfLog } from './init-log.ts';
import { type LogSession, withLog } from './session.ts';
import { ON_THIS_MACHINE } from './settings.ts';
import { listContent, type Survey, survey } from './survey.ts';
import { nothingAt, restoreToFile } from './tools.ts';

const PATIENCE_MS = 10_000;
/** Requests are signed with the time; the clouds refuse what is a quarter of an hour off. */
const CLOCK_MS = 60_000;
const HEADERS_AT_ONCE = 16;

const good = (name: string, message: string): Check => ({ name, ok: true, message });
const bad = (name: string, message: string): Check => ({ name, ok: false, message });

/** @param inspect gets the present, restored into a file that is gone afterwards */
export async function examineLog(config: Config, env: Env, inspect: (file: string) => Check): Promise<Check[]> {
  const { place, placeIsNamed } = config.database;
  const folder = place.folder ?? join(config.dataDir, 'db');
  // Opening it would make it.
  if (place.provider === ON_THIS_MACHINE && !existsSync(join(folder, 'buckets', place.bucket)))
    return placeIsNamed
      ? [bad('database', nothingAt(join(folder, 'buckets', place.bucket)))]
      : [good('database', `begins in ${folder} with the first start`)];
  try {
    const order = { env, migrationsDir: '', say: () => {}, leads: false, patienceMs: PATIENCE_MS };
    return await withLog(order, (session) => examineWith(session, placeIsNamed, inspect));
  } catch (error) {
    return [bad('database', reasonOf(error))];
  }
}

async function examineWith(
  session: LogSession,
  placeIsNamed: boolean,
  inspect: (file: string) => Check,
): Promise<Check[]> {
  // A store that cannot even be looked at is told once: whoever calls does.
  const found = await survey(session);
  const checks = contentChecks(found, session, placeIsNamed);
  const look = async (name: string, work: () => Promise<Check[]>): Promise<void> => {
    try {
      checks.push(...(await work()));
    } catch (error) {
      const message = reasonOf(error);
      if (!checks.some((check) => check.message === message)) checks.push(bad(name, message));
    }
  };
  await look('database store', () => promises(session));
  if (found !== null) {
    await look('database keys', () => keys(session));
    await look('database restore', () => present(session, inspect));
  }
  if (session.log.place.provider !== ON_THIS_MACHINE) {
    await look('database clock', () => clock(session));
    await look('database bucket', () => bucket(session));
  }
  return checks;
}

function contentChecks(found: Survey | null, { log }: LogSession, placeIsNamed: boolean): Check[] {
  if (!found)
    return [
      placeIsNamed
        ? bad('database', nothingAt(log.placeInWords))
        : good('database', `begins in ${log.placeInWords} with the first start`),
    ];
  if (found.movedTo !== null)
    return [
      bad('database', `It was moved to ${found.movedTo}. Set DATABASE_BUCKET and DATABASE_PREFIX to go on there.`),
    ];
  const { last } = found;
  const where = `${found.place}: slot ${last.seq}${last.at ? ` of ${last.at}` : ''}`;
  return [good('database', `${where}; ${log.own ? 'of this data folder alone' : holderOf(found)}`)];
}

function holderOf({ lease }: Survey): string {
  if (lease === null || lease.released) return 'nobody holds it';
  return `held by ${lease.url || lease.owner}: stop it if it is not of this deployment`;
}

/** Reads, writes, lists and deletes below `probe/`. */
async function promises({ log, pacing }: LogSession): Promise<Check[]> {
  await probeStore(log.bucket, log.keys, pacing);
  return [good('database store', 'may be read and written, and keeps its promises')];
}

/** Which keys the present needs, and which of the list it does not. */
async function keys(session: LogSession): Promise<Check[]> {
  const name = 'database keys';
  const needed = await keysOfPresent(session);
  const { ring } = session.log;
  const unknown = [...needed].filter((id) => id !== 0 && ring.every((key) => key.id !== id));
  if (unknown.length > 0)
    return [
      bad(
        name,
        `The database is encrypted with ${unknown.length === 1 ? 'a key that is' : 'keys that are'} not among those configured. Put the one that was used before back at the end of SECRET_KEY (or DATABASE_ENCRYPTION_KEYS); if there never was another one, the prefix is another deployment's.`,
      ),
    ];
  const idle = ring.flatMap((key, index) => (index > 0 && !needed.has(key.id) ? [index + 1] : []));
  const spare =
    idle.length > 0
      ? `; entry ${idle.join(', ')} is not needed for the present any more (earlier states may need it until they are collected)`
      : '';
  const plain = needed.has(0) ? ', parts of it not encrypted' : '';
  return [good(name, ring.length === 0 ? 'it is not encrypted' : `all of the present can be opened${plain}${spare}`)];
}

/** Ids of the keys of the newest snapshot and of all slots behind it; 0 stands for no key. */
async function keysOfPresent(session: LogSession): Promise<Set<number>> {
  const { log, pacing } = session;
  const { slots, bases, diffs } = await listContent(session);
  const base = bases.at(-1) ?? 0;
  const diff = diffs.filter((each) => each.base === base).at(-1);
  const wanted = [
    ...(base > 0 ? [log.keys.base(base)] : []),
    ...(diff ? [log.keys.diff(diff.base, diff.to)] : []),
    ...slots.filter((slot) => slot > (diff?.to ?? base)).map(log.keys.log),
  ];
  const needed = new Set<number>();
  const queue = wanted[Symbol.iterator]();
  const work = async () => {
    for (const key of queue) {
      const stored = await persist(pacing, () => log.bucket.get(key));
      if (stored) needed.add(readHeader(stored.bytes).keyId);
    }
  };
  await Promise.all(Array.from({ length: HEADERS_AT_ONCE }, work));
  return needed;
}

/** As a start would: restored, proven, read by SQLite from end to end. */
async function present(session: LogSession, inspect: (file: string) => Check): Promise<Check[]> {
  const work = await mkdtemp(join(tmpdir(), 'cmbcluster-doctor-'));
  const started = performance.now();
  try {
    const file = join(work, 'present.sqlite');
    const { chain } = await restoreToFile(session, file);
    const took = `restored from the log in ${Math.round(performance.now() - started)} ms, and whole`;
    return [good('database restore', took), ...(chain.dbPages > 0 ? [inspect(file)] : [])];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The store dates what is written by its own clock. */
async function clock({ log, id }: LogSession): Promise<Check[]> {
  const store = log.storage.bucket(log.place.bucket);
  const key = `${log.keys.root}probe/${id()}`;
  const before = Date.now();
  const { modifiedAt } = await store.put(key, Buffer.from('what time is it?'));
  const after = Date.now();
  await store.delete(key);
  const offMs = modifiedAt < before ? modifiedAt - before : Math.max(0, modifiedAt - after);
  const off = `${Math.round(Math.abs(offMs) / 1000)} s ${offMs < 0 ? 'ahead of' : 'behind'} the storage’s`;
  return Math.abs(offMs) < CLOCK_MS
    ? [good('database clock', 'agrees with the storage’s')]
    : [bad('database clock', `The clock of this machine is ${off}. Set it: requests are signed with the time.`)];
}

async function bucket({ log, config }: LogSession): Promise<Check[]> {
  const name = 'database bucket';
  const { root } = log.keys;
  const rules = (await log.storage.removalRules(log.place.bucket)).filter(
    ({ prefix }) => root.startsWith(prefix) || prefix.startsWith(root),
  );
  const checks = rules.map(({ what }) =>
    bad(
      name,
      `${what} Remove it, or keep it away from ${root}: the log needs every object until its leader deletes it.`,
    ),
  );
  const states = await log.storage.inspectBucket(log.place.bucket, wantedOfLog(config.keepVersionsDays));
  const versions = states.find(({ setting }) => setting === 'versions');
  if (versions?.state === 'off')
    checks.push(
      bad(
        name,
        'Versioning is off: an object of the log that somebody deletes or overwrites could not be brought back. Switch it on.',
      ),
    );
  const open = states.find(({ setting }) => setting === 'private');
  if (open?.state === 'off') checks.push(bad(name, `The bucket is not private. ${open.reason ?? ''}`.trim()));
  if (checks.length > 0) return checks;
  const kept = versions?.state === 'on' ? 'replaced and deleted objects are kept' : (versions?.reason ?? '');
  return [good(name, `no rule takes objects of the log away; ${kept}`)];
}

function reasonOf(error: unknown): string {
  const ofLog = explainLog(error)?.replaceAll('\n', ' ');
  if (ofLog !== undefined) return ofLog;
  if (!isAppError(error)) return String(error);
  return error.code === 'not_found'
    ? `${error.message} Check DATABASE_BUCKET, or make the bucket with: cmbcluster db init.`
    : error.message;
}
