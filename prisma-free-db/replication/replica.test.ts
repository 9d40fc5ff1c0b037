import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NoDatabase, UnsafeStore } from './errors.ts';
import { encodeLease, type LeaseRecord } from './lease-record.ts';
import { MemoryBucket } from './memory-bucket.ts';
import { Replica, type ReplicaOptions } from './replica.ts';
import { keys, PAGE_SIZE, pacing, page, TestLeader } from './test-log.ts';

describe('a replica', () => {
  let dir: string;
  let opened: Replica[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'cmb-replica-'));
    opened = [];
  });
  afterEach(async () => {
    for (const replica of opened) await replica.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const options = (bucket: MemoryBucket, change: Partial<ReplicaOptions> = {}): ReplicaOptions => ({
    bucket,
    keys,
    dir: join(dir, `${opened.length}`),
    url: `http://replica-${opened.length}`,
    ttlMs: 6_000,
    genesis: false,
    sealAtOnce: false,
    encryption: [],
    mayLead: () => true,
    pacing: pacing(),
    at: () => '2026-01-01T00:00:00Z',
    onNote: () => {},
    ...change,
  });

  async function open(bucket: MemoryBucket, change: Partial<ReplicaOptions> = {}): Promise<Replica> {
    const replica = await Replica.open(options(bucket, change));
    opened.push(replica);
    return replica;
  }

  const lease = (bucket: MemoryBucket, change: Partial<LeaseRecord> = {}) =>
    bucket.poke(keys.lease, encodeLease({ epoch: 1, owner: 'old', url: 'http://old', seq: 2, n: 1, ...change }));

  async function led(): Promise<MemoryBucket> {
    const bucket = new MemoryBucket();
    const leader = await TestLeader.leading(bucket);
    await leader.append(page(1, 'a'));
    lease(bucket);
    return bucket;
  }

  it('becomes the leader of a new database, in the order of the roles', async () => {
    const replica = await open(new MemoryBucket(), { genesis: true });
    const roles: string[] = [];
    replica.onRole(() => roles.push(replica.role));
    const elected = await replica.elected;
    expect(elected).toMatchObject({ epoch: 1, seq: 1, owner: replica.owner });
    expect(replica).toMatchObject({ role: 'candidate', leader: null });
    replica.lead();
    expect(replica).toMatchObject({ role: 'leader', leader: { url: 'http://replica-0', owner: replica.owner } });
    expect(() => replica.lead()).toThrow('cannot lead');
    await replica.close();
    expect(replica).toMatchObject({ role: 'ended', leader: null });
    expect(roles.filter((role, at) => role !== roles[at - 1])).toEqual(['candidate', 'leader', 'ended']);
  });

  it('follows, tells who leads, and has the whole file when it is elected', async () => {
    const bucket = await led();
    const hour = pacing();
    const replica = await open(bucket, { pacing: hour });
    expect(replica).toMatchObject({ role: 'follower', leader: { url: 'http://old', owner: 'old' } });
    expect(replica.status()).toMatchObject({ seq: 2, epoch: 1, caughtUp: true, restore: { times: 1 } });
    lease(bucket, { n: 2, released: true });
    const { file, seq } = await replica.elected;
    expect(seq).toBe(3);
    expect(readFileSync(file)).toEqual(Buffer.from(page(1, 'a').bytes));
    expect(readFileSync(file)).toHaveLength(PAGE_SIZE);
  });

  it('does not lead any more once it is about to end', async () => {
    const bucket = await led();
    const replica = await open(bucket);
    replica.abstain();
    lease(bucket, { n: 2, released: true });
    const one = await open(bucket, { sealAtOnce: true });
    await one.elected;
    await new Promise<void>((resolve) => {
      const look = () => (replica.status().epoch === 2 ? resolve() : setImmediate(look));
      look();
    });
    expect(replica.role).toBe('follower');
  });

  it('tells who leads after it handed over, and never leads again', async () => {
    const bucket = await led();
    const replica = await open(bucket, { sealAtOnce: true });
    await replica.elected;
    replica.lead();
    lease(bucket, { epoch: 2, owner: replica.owner, url: 'http://replica-0', released: true });
    replica.retire();
    expect(replica).toMatchObject({ role: 'ended', leader: null });
    const changed = new Promise<void>((resolve) => replica.onRole(resolve));
    lease(bucket, { epoch: 3, owner: 'next', url: 'http://next' });
    await changed;
    expect(replica).toMatchObject({ role: 'ended', leader: { owner: 'next', url: 'http://next' } });
    expect(() => replica.lead()).toThrow('cannot lead');
  });

  it('never takes a file of an earlier boot, and leaves none', async () => {
    const bucket = await led();
    const first = await open(bucket, { dir: join(dir, 'db'), sealAtOnce: true });
    const { file } = await first.elected;
    writeFileSync(file, 'left by a kill');
    const second = await open(bucket, { dir: join(dir, 'db'), sealAtOnce: true });
    expect(existsSync(file)).toBe(false);
    expect(readFileSync((await second.elected).file)).toEqual(Buffer.from(page(1, 'a').bytes));
    await second.close();
    expect(readdirSync(join(dir, 'db'))).toEqual([]);
  });

  it('refuses to open where nothing is, where it is damaged, and on a store that cannot hold a log', async () => {
    const refused = (bucket: MemoryBucket) => Replica.open(options(bucket, { genesis: false }));
    await expect(refused(new MemoryBucket())).rejects.toBeInstanceOf(NoDatabase);
    const unsafe = await led();
    unsafe.faults = ({ operation, key }) =>
      operation === 'putIfAbsent' && key.includes('/probe/') ? 'ignores-condition' : undefined;
    await expect(refused(unsafe)).rejects.toBeInstanceOf(UnsafeStore);
    expect(readdirSync(join(dir, '0'))).toEqual([]);
  });

  it('seals nothing before the store was found safe', async () => {
    const bucket = await led();
    bucket.faults = ({ operation, key }) =>
      operation === 'putIfAbsent' && key.includes('/probe/') ? 'ignores-condition' : undefined;
    await expect(Replica.open(options(bucket, { sealAtOnce: true }))).rejects.toBeInstanceOf(UnsafeStore);
    expect(bucket.peek(keys.log(3))).toBeNull();
  });

  it('says once that it may not lead, and goes on following', async () => {
    const notes: string[] = [];
    const replica = await open(await led(), {
      mayLead: () => false,
      sealAtOnce: true,
      onNote: (note) => notes.push(note),
    });
    const { promise: ended, resolve } = Promise.withResolvers<unknown>();
    replica.elected.catch(resolve);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((next) => setImmediate(next));
    expect(replica.role).toBe('follower');
    expect(notes).toEqual(['this version cannot lead the database: following only']);
    await replica.close();
    expect(await ended).toMatchObject({ message: 'the replica was closed' });
  });
});
