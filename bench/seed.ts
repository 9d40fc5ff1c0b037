/** Rows as years of use would leave them, written through the repositories in one transaction. */
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { type ControlDb, openControlDb } from '../prisma-free-db/database.ts';
import { createApplicationRepository } from '../prisma-free-db/repositories/applications.ts';
import { createAuditRepository } from '../prisma-free-db/repositories/audit.ts';
import { createEnvironmentRepository, type EnvironmentRow } from '../prisma-free-db/repositories/environments.ts';
import { createPeopleRepository, type UserRow } from '../prisma-free-db/repositories/people.ts';
import { createStorageRepository } from '../prisma-free-db/repositories/storages.ts';
import { createUserDirectory } from '../prisma-free-db/repositories/user-directory.ts';
import { withDatabase } from '../src/boot/test-offline.ts';
import {
  type ApplicationId,
  newEnvironmentId,
  newStorageId,
  newUserId,
  type StorageId,
  type UserId,
} from '../src/domain/ids.ts';
import { type BenchServer, ROOT } from './server.ts';

/** Work on a server's database while the server rests. */
export function withData<T>(server: BenchServer, work: (data: Data) => T): Promise<T> {
  return server.rest(() => withDatabase(server.dataDir, (db) => work(dataOf(db))));
}

/** A plain file, without a log behind it. */
export function openDatabase(file: string) {
  return dataOf(openControlDb({ file, migrationsDir: join(ROOT, 'prisma-free-db/migrations') }));
}

function dataOf(db: ControlDb) {
  return {
    db,
    people: createPeopleRepository(db.drizzle),
    environments: createEnvironmentRepository(db.drizzle),
    storages: createStorageRepository(db.drizzle),
    applications: createApplicationRepository(db.drizzle),
    audit: createAuditRepository(db.drizzle),
    directory: createUserDirectory(db.drizzle),
  };
}

export type Data = ReturnType<typeof dataOf>;

const LONG_AGO = Date.UTC(2025, 0, 1);

/** The person who signed in first. */
export function ownerOf({ people }: Data): UserRow {
  const [owner] = people.pageUsers({ after: null, limit: 1 });
  if (!owner) throw new Error('nobody has signed in yet');
  return owner;
}

export function seedEnvironments(data: Data, ownerId: UserId, count: number): void {
  const { applications, storages } = data;
  const apps = applications.list();
  const storage = storages.listOwned(ownerId)[0];
  data.db.write(() => {
    for (let i = 0; i < count; i += 1) {
      const applicationId = apps[i % apps.length]?.id;
      if (applicationId)
        data.environments.insert(stopped({ ownerId, applicationId, storageId: storage?.id ?? null, i }));
    }
  });
}

export function seedPeople(
  data: Pick<Data, 'db' | 'people'>,
  { from, count }: { from: number; count: number },
): UserId[] {
  const ids: UserId[] = [];
  data.db.write(() => {
    for (let i = from; i < from + count; i += 1) {
      const id = newUserId();
      const email = `person-${String(i).padStart(6, '0')}@example.org`;
      data.people.insertUser({
        id,
        email,
        name: `Person ${i}`,
        role: 'user',
        tier: 'free',
        active: true,
        createdAt: LONG_AGO + i,
      });
      data.people.insertIdentity(
        { issuer: 'https://id.example.org', subject: String(i), email, emailVerified: true, name: `Person ${i}` },
        id,
        LONG_AGO + i,
      );
      ids.push(id);
    }
  });
  return ids;
}

/** Entries of many people on many things, one in a thousand refused. One statement: the triggers of the trail run all the same. */
export function seedTrail({ db }: Pick<Data, 'db'>, count: number): void {
  db.write(() =>
    db.drizzle.run(sql`
      with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${count})
      insert into audit (at, actor_id, actor_name, address, agent, action, owner_id, target_kind, target_id, target_name, result)
      select ${LONG_AGO} + i * 1000, 'usr-' || (i % 5003), 'Person ' || (i % 5003), '10.0.' || (i % 250) || '.' || (i % 97), 'Browser',
        case i % 4 when 0 then 'session.sign_in' when 1 then 'environment.launch' when 2 then 'object.download' else 'environment.ready' end,
        'usr-' || (i % 5003), 'environment', 'env-' || (i % 9973), 'Lab ' || (i % 9973), iif(i % 1000 = 7, 'denied', 'done') from n`),
  );
}

/** A storage and a stopped environment for each. */
export function seedBelongings(data: Data, owners: readonly UserId[]): void {
  const application = data.applications.list()[0];
  if (!application) throw new Error('the catalog is empty');
  data.db.write(() => {
    owners.forEach((ownerId, i) => {
      const id = newStorageId();
      data.storages.insert({
        id,
        ownerId,
        provider: 'local',
        bucket: `cmb-${id}`,
        displayName: 'My files',
        status: 'active',
        failure: null,
        sizeBytes: 1_000_000,
        objects: 12,
        measuredAt: LONG_AGO + i,
        createdAt: LONG_AGO + i,
      });
      data.environments.insert(stopped({ ownerId, applicationId: application.id, storageId: id, i }));
    });
  });
}

/** An environment that has run once. */
function stopped({
  ownerId,
  applicationId,
  storageId,
  i,
}: {
  ownerId: UserId;
  applicationId: ApplicationId;
  storageId: StorageId | null;
  i: number;
}): EnvironmentRow {
  const id = newEnvironmentId();
  const at = LONG_AGO + i * 60_000;
  return {
    id,
    ownerId,
    provider: 'local',
    name: `Experiment ${i}`,
    slug: `experiment-${i}-${id.slice(-6)}`,
    applicationId,
    storageId,
    cpuMillicores: 500,
    memoryMiB: 1024,
    gpus: 0,
    envNames: [],
    sealedEnv: null,
    argv: null,
    phase: 'stopped',
    desired: 'stopped',
    generation: 1,
    steps: [
      { step: 'accepted', at },
      { step: 'storage', at: at + 5 },
      { step: 'started', at: at + 40 },
      { step: 'ready', at: at + 90 },
    ],
    failure: null,
    resume: false,
    clientKey: `seed-${id}`,
    createdAt: at,
    phaseAt: at + 3_600_000,
    readyAt: at + 90,
    deadlineAt: null,
    lastActivityAt: at + 3_000_000,
  };
}
