/** An entry of the trail costs no commit of its own: counted in the database's own log, where every commit leaves a mark. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../domain/user.ts';
import { openMemoryStorage } from '../ports/storage/memory.ts';
import { record } from './audit.ts';
import { exchange } from './auth/exchange.ts';
import { linkIdentity } from './auth/identities.ts';
import { signOut } from './auth/sign-out.ts';
import { updateProfile } from './profile/profile.ts';
import { setVariables } from './secrets/set-variables.ts';
import { createStorage } from './storage/create.ts';
import { type Bench, openBench } from './test-bench.ts';

const HEADER = 32;
const FRAME_HEADER = 24;

/** Commits in SQLite's write-ahead log: the frames that tell the database's size after them (SQLite file format, §4.1). */
function commitsIn(file: string): number {
  const log = readFileSync(`${file}-wal`);
  const pageSize = log.readUInt32BE(8);
  const salts = log.subarray(16, 24);
  let commits = 0;
  for (let at = HEADER; at + FRAME_HEADER + pageSize <= log.length; at += FRAME_HEADER + pageSize) {
    // Frames of before the log began anew have other salts.
    if (!log.subarray(at + 8, at + 16).equals(salts)) break;
    if (log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}

let folder: string;
let file: string;
let bench: Bench;
const store = openMemoryStorage({ now: Date.now });
const ada: Identity = { issuer: 'local', subject: 'ada', email: 'ada@lab.example', emailVerified: true, name: 'Ada' };
const client = { address: '192.0.2.1', userAgent: 'test' };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cmb-audit-'));
  file = join(folder, 'control.sqlite');
  bench = await openBench({ file, store, reconcile: false });
  // What a change sets going commits for itself, later.
  Object.assign(bench.deps, { wake: () => {} });
});
afterEach(async () => {
  await bench.kill();
  rmSync(folder, { recursive: true, force: true });
});

const entries = () => bench.deps.audit.page({}, { before: null, limit: 200 }).rows.map(({ action }) => action);

/** What it added: commits, and entries of the trail. */
async function cost(change: () => unknown): Promise<{ commits: number; entries: string[] }> {
  const [commits, known] = [commitsIn(file), entries().length];
  await change();
  return { commits: commitsIn(file) - commits, entries: entries().reverse().slice(known) };
}

async function signedIn() {
  const { sessionId, userId } = await exchange(bench.deps, { identity: ada, client });
  return { ...bench.actor, sessionId, userId };
}

describe('a change and its entry', () => {
  it('are one commit when somebody comes in for the first time, again, and when nobody is let in', async () => {
    const { deps } = bench;
    const signIn = () => exchange(deps, { identity: ada, client });
    expect(await cost(signIn)).toEqual({ commits: 1, entries: ['user.create', 'session.sign_in'] });
    expect(await cost(signIn)).toEqual({ commits: 1, entries: ['session.sign_in'] });
    deps.deployment.door = { ...deps.deployment.door, allowedEmails: ['ben@lab.example'] };
    expect(await cost(() => signIn().catch(() => {}))).toEqual({ commits: 1, entries: ['session.refused'] });
  });

  it.each<[string, string, (actor: Awaited<ReturnType<typeof signedIn>>) => unknown]>([
    ['a new name', 'profile.update', (actor) => updateProfile(bench.deps, actor, { name: 'Ada L.' })],
    ['a variable', 'variable.set', (actor) => setVariables(bench.deps, actor, [{ name: 'A', value: '1' }])],
    ['a storage', 'storage.create', (actor) => createStorage(bench.deps, actor, { displayName: 'Maps' })],
    ['a second account', 'identity.link', (actor) => linkIdentity(bench.deps, actor, { ...ada, subject: 'ada-2' })],
    ['signing out', 'session.sign_out', (actor) => signOut(bench.deps, actor)],
  ])('are one commit: %s', async (_, action, change) => {
    const actor = await signedIn();
    expect(await cost(() => change(actor))).toEqual({ commits: 1, entries: [action] });
  });

  it('would be two, were the entry written by itself: the log shows it', async () => {
    const { deps, actor } = bench;
    const entry = { action: 'profile.update', ownerId: actor.userId, targetId: null, targetName: null } as const;
    const apart = await cost(() => {
      deps.db.write(() => deps.people.updateProfile(actor.userId, { name: 'A' }));
      record(deps, actor, entry);
    });
    expect(apart).toEqual({ commits: 2, entries: ['profile.update'] });
  });
});
