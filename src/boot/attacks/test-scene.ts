/**
 * A deployment with somebody in it who has one of everything, and those who want it: another person, somebody whose account was
 * deactivated, somebody who signed out, and nobody.
 */
import {
  type ApplicationId,
  type EnvironmentId,
  type FileJobId,
  type InvitationId,
  newEnvironmentId,
  newFileJobId,
  newInvitationId,
  newSecretFileId,
  newSessionId,
  newStorageId,
  newUploadId,
  newUserId,
  type SecretFileId,
  type SessionId,
  type StorageId,
  type UploadId,
  type UserId,
} from '../../domain/ids.ts';
import { hashSecret } from '../../services/keys.ts';
import { eventually, openTestBed, type TestBed } from '../test-bed.ts';
import { send } from './test-attacker.ts';

export type Person = Awaited<ReturnType<TestBed['signIn']>>;

/** What calls can name. */
export interface Things {
  userId: UserId;
  /** Of a second session, not the one that calls are made with. */
  sessionId: SessionId;
  subject: string;
  storageId: StorageId;
  environmentId: EnvironmentId;
  /** Finished, can be undone. */
  fileJobId: FileJobId;
  /** Unfinished. */
  uploadId: UploadId;
  secretFileId: SecretFileId;
  /** Open; the administrator's own. */
  invitationId: InvitationId;
  /** Everybody's. */
  applicationId: ApplicationId;
}

export interface Scene {
  bed: TestBed;
  admin: Person;
  ada: Person;
  ben: Person;
  /** Deactivated while signed in. */
  cleo: Person;
  /** A session of ada that was signed out. */
  gone: Person;
  /** What ada has. */
  adas: Things;
  /** The same names of things that never were. */
  absent: Things;
  /** Every row that belongs to ada, and every file. */
  everythingOfAda(): Promise<string[]>;
  close(): Promise<void>;
}

export const SECRET_FILE = 'the-seventh-acoustic-peak.txt';

/** The secret of an open invitation to administer. */
export const INVITATION = 'an-invitation-that-nobody-used';

export async function openScene(env: Record<string, string> = {}, now: () => number = Date.now): Promise<Scene> {
  const bed = await openTestBed({ env: { DEFAULT_TIER: 'enterprise', ...env }, now });
  const { deps } = bed.container;
  const admin = await bed.signIn('root');
  const [ada, ben, cleo, second, gone] = [
    await bed.signIn('ada'),
    await bed.signIn('ben'),
    await bed.signIn('cleo'),
    await bed.signIn('ada'),
    await bed.signIn('ada'),
  ];
  await eventually(() => deps.storages.all().every(({ status }) => status === 'active'));
  const storageId = (await ada.api.storages.list())[0]?.id ?? newStorageId();
  for (const key of [SECRET_FILE, 'old.txt']) {
    const path = `/api/storages/${storageId}/objects?key=${key}`;
    await send(bed.port, { method: 'PUT', path, cookie: ada.cookie, body: 'secret of ada' });
  }
  const [application] = await ada.api.applications.list();
  if (!application) throw new Error('the catalog is empty');
  const launched = await ada.api.environments.launch({
    clientKey: 'the-first-launch',
    applicationId: application.id,
    name: 'Work of Ada',
    size: application.defaultSize,
    storage: { kind: 'existing', id: storageId },
  });
  await eventually(() => deps.environments.find(launched.id)?.phase === 'running');
  const job = await ada.api.files.delete({ id: storageId, keys: ['old.txt'] });
  await eventually(() => deps.fileWork.findJob(job.id)?.status === 'done');
  const upload = await ada.api.uploads.start({ id: storageId, key: 'large.bin', sizeBytes: 4, replace: false });
  await admin.api.admin.users.setActive({ id: cleo.userId, active: false, reason: 'a scene' });
  await send(bed.port, { method: 'POST', path: '/api/auth/sign-out', cookie: gone.cookie });

  const secret = await ada.api.secrets.files.set({ path: '.netrc', content: btoa('a password of ada') });
  await ada.api.secrets.variables.set({ variables: [{ name: 'HERS', value: 'a token of ada' }] });
  const invitationId = newInvitationId();
  deps.db.write(() =>
    deps.invitations.insert({
      ...{ id: invitationId, hash: hashSecret(INVITATION), email: null, role: 'admin', tier: 'free' },
      ...{ createdBy: admin.userId, createdAt: deps.now(), expiresAt: deps.now() + 86_400_000 },
    }),
  );

  const adas: Things = {
    userId: ada.userId,
    sessionId: second.sessionId,
    subject: 'ada',
    storageId,
    environmentId: launched.id,
    fileJobId: job.id,
    uploadId: upload.uploadId,
    invitationId,
    secretFileId: secret.id,
    applicationId: application.id,
  };
  const absent: Things = {
    userId: newUserId(),
    sessionId: newSessionId(),
    subject: 'xyz',
    storageId: newStorageId(),
    environmentId: newEnvironmentId(),
    fileJobId: newFileJobId(),
    uploadId: newUploadId(),
    invitationId: newInvitationId(),
    secretFileId: newSecretFileId(),
    applicationId: application.id,
  };

  async function everythingOfAda(): Promise<string[]> {
    const { applicationId: _, subject: __, ...ids } = adas;
    const hers = new RegExp([...Object.values(ids), ada.sessionId].join('|'));
    const tables = deps.db.drizzle.all<{ name: string }>(
      "select name from sqlite_master where type = 'table' and name not in ('audit', 'sqlite_sequence')",
    );
    const rows = tables.flatMap(({ name }) =>
      deps.db.drizzle.all(`select * from "${name}"`).map((row) => `${name} ${JSON.stringify(row)}`),
    );
    const bucket = deps.storageOf('memory').bucket(deps.storages.find(storageId)?.bucket ?? '');
    const { objects } = await bucket.list({ prefix: '', pageSize: 1000 });
    return [
      ...rows.filter((row) => hers.test(row)),
      ...objects.map(({ key, version }) => `file ${key} ${version}`),
    ].sort();
  }

  return { bed, admin, ada, ben, cleo, gone, adas, absent, everythingOfAda, close: () => bed.close() };
}
