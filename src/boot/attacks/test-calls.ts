/**
 * One valid call for every procedure and every HTTP route, by the things that it names. The walk of idor.test.ts makes each of
 * them as everybody who must not; it fails while one is missing here, so a new procedure costs a line.
 */
import type { Ask } from './test-attacker.ts';
import { SECRET_FILE, type Things } from './test-scene.ts';

/**
 * `owned`: names a thing, which only its owner may reach: others learn no more than that it does not exist.
 * `quiet`: the same, for what says nothing about a thing that is not there.
 * `personal`: answers about whoever calls, so that others get what is theirs.
 * `admin`: for administrators alone.
 */
export type Reach = 'owned' | 'quiet' | 'personal' | 'admin';

export interface Call {
  reach: Reach;
  input?: (of: Things) => unknown;
  /** A live stream: ends once this has come. */
  until?: RegExp;
}

const owned = (input: (of: Things) => unknown): Call => ({ reach: 'owned', input });
const personal = (input?: (of: Things) => unknown): Call => ({ reach: 'personal', input });
const admin = (input?: (of: Things) => unknown): Call => ({ reach: 'admin', input });

const reason = 'because the test says so';
const SIZE = { cpuMillicores: 500, memoryMiB: 512, gpus: 0 };
const environment = owned(({ environmentId: id }) => ({ id }));
const storage = owned(({ storageId: id }) => ({ id }));
const job = owned(({ storageId: id, fileJobId: jobId }) => ({ id, jobId }));
const upload = owned(({ storageId: id, uploadId }) => ({ id, uploadId }));
const file = (more: object = {}) => owned(({ storageId: id }) => ({ id, key: SECRET_FILE, ...more }));
const files = (more: object) => owned(({ storageId: id }) => ({ id, ...more }));

/** In an order in which their owner can make them one after the other: what removes comes last. */
export const CALLS: Readonly<Record<string, Call>> = {
  'profile.me': personal(),
  'profile.limits': personal(),
  'profile.update': personal(() => ({ name: 'Same', preferences: { theme: 'dark' } })),
  'profile.sessions': personal(),
  'identities.list': personal(),
  'secrets.outdated': personal(),
  'secrets.variables.list': personal(),
  'secrets.variables.set': personal(() => ({ variables: [{ name: 'TOKEN', value: 'one' }] })),
  'secrets.variables.delete': personal(() => ({ name: 'TOKEN' })),
  'secrets.files.list': personal(),
  'secrets.files.set': personal(() => ({ path: '.config/token', content: btoa('one') })),
  'secrets.files.rename': owned(({ secretFileId: id }) => ({ id, path: '.config/renamed' })),
  'applications.list': personal(),
  'activity.list': personal(({ environmentId }) => ({ targetId: environmentId, limit: 200 })),
  'live.watch': { ...personal(), until: /hello|UNAUTHORIZED/ },

  'environments.list': personal(({ storageId, applicationId }) => ({ storageId, applicationId })),
  'environments.get': environment,
  'environments.logs': owned(({ environmentId: id }) => ({ id, from: 0 })),
  'environments.history': environment,
  'environments.rename': owned(({ environmentId: id }) => ({ id, name: 'Renamed' })),
  'environments.extend': environment,
  'environments.restart': environment,
  'environments.stop': environment,
  'environments.start': environment,
  'environments.launch': owned(({ storageId: id, applicationId }) => ({
    clientKey: 'one-more-launch',
    applicationId,
    name: 'Loot',
    size: SIZE,
    storage: { kind: 'existing', id },
    env: [{ name: 'A', value: 'b' }],
  })),

  'storages.list': personal(),
  'storages.options': personal(),
  'storages.create': personal(() => ({ displayName: 'Another' })),
  'storages.orphans': admin(),
  'storages.get': storage,
  'storages.usage': storage,
  'storages.deletion': storage,
  'storages.rename': files({ displayName: 'Renamed' }),
  'storages.retry': storage,
  'storages.repair': storage,
  'storages.cancelDelete': storage,

  'files.list': files({ folder: '' }),
  'files.search': files({ query: 'acoustic' }),
  'files.head': file(),
  'files.createFolder': files({ path: 'mine' }),
  'files.copy': files({ items: [{ from: SECRET_FILE, to: 'copy.txt' }], clientKey: 'a-copy-of-it' }),
  'files.move': files({ items: [{ from: 'copy.txt', to: 'moved.txt' }] }),
  'files.restore': files({ items: [{ key: SECRET_FILE, versionId: null }] }),
  'files.versions': file(),
  'files.deleted': files({ folder: '' }),
  'files.purge': file({ versionId: 'v1', confirm: SECRET_FILE }),
  'files.job': job,
  'files.jobs': storage,
  'files.undo': job,
  'files.cancel': job,
  'uploads.start': files({ key: 'mine.bin', sizeBytes: 1, replace: false }),
  'uploads.list': storage,
  'uploads.parts': upload,
  'uploads.signParts': owned(({ storageId: id, uploadId }) => ({ id, uploadId, numbers: [1] })),
  'uploads.complete': upload,

  'admin.users.list': admin(() => ({ search: 'ada' })),
  'admin.users.get': admin(({ userId: id }) => ({ id })),
  'admin.users.setRole': admin(({ userId: id }) => ({ id, role: 'admin', reason })),
  'admin.users.setActive': admin(({ userId: id }) => ({ id, active: false, reason })),
  'admin.users.setLimits': admin(({ userId: id }) => ({ id, tier: 'free', overrides: { gpus: 1 }, reason })),
  'admin.users.setNotes': admin(({ userId: id }) => ({ id, notes: 'a note' })),
  'admin.users.endSessions': admin(({ userId: id, sessionId }) => ({ id, sessionId })),
  'admin.users.counts': admin(),
  'admin.users.tiers': admin(),
  'admin.tiers.list': admin(),
  'admin.tiers.set': admin(() => ({ tier: 'free', limits: { gpus: 4 }, reason })),
  'admin.tiers.reset': admin(() => ({ tier: 'free', reason })),
  'admin.tiers.setNewcomers': admin(() => ({ tier: 'enterprise', reason })),
  'admin.settings.signIn': admin(),
  'admin.database.status': admin(),
  'admin.database.snapshot': admin(),
  'admin.users.approve': admin(({ userId: id }) => ({ id, role: 'admin', tier: 'premium' })),
  'admin.users.refuse': admin(({ userId: id }) => ({ id })),
  'admin.invitations.list': admin(() => ({})),
  'admin.invitations.create': admin(() => ({ email: 'eve@example.org', role: 'admin', tier: 'free', days: 1 })),
  'admin.invitations.revoke': admin(({ invitationId: id }) => ({ id })),
  'admin.audit.list': admin(({ userId }) => ({ owner: userId })),
  'admin.audit.actions': admin(),

  'files.delete': files({ keys: [SECRET_FILE] }),
  'uploads.abort': upload,
  'environments.delete': environment,
  'storages.delete': files({ confirm: 'Renamed' }),
  'secrets.files.delete': { reach: 'quiet', input: ({ secretFileId: id }) => ({ id }) },
  'identities.remove': owned(({ subject }) => ({ issuer: 'memory', subject })),
  'profile.revokeSession': owned(({ sessionId: id }) => ({ id })),
  'profile.signOutEverywhere': personal(),
};

/** `door`: the ways in and out, open to everybody; `machine`: for who can read the data folder. */
export interface Route {
  reach: Reach | 'door' | 'machine';
  asks(of: Things): Ask[];
}

const zipBody = JSON.stringify({ keys: [SECRET_FILE], name: 'loot' });

/** By the address as the code writes it, without what follows a parameter. */
export const ROUTES: Readonly<Record<string, Route>> = {
  '/api/trpc/': { reach: 'door', asks: () => [] },
  '/api/storages/': {
    reach: 'owned',
    asks: ({ storageId, uploadId }) => {
      const objects = `/api/storages/${storageId}/objects?key=${SECRET_FILE}`;
      return [
        { path: objects },
        { path: `${objects}&preview=1` },
        { path: `${objects}&versionId=v1` },
        { path: objects, headers: { range: 'bytes=0-3' } },
        { path: objects, method: 'HEAD' },
        { path: objects, method: 'PUT', body: 'replaced' },
        { path: `/api/storages/${storageId}/zip?prefix=` },
        { path: `/api/storages/${storageId}/zip`, method: 'POST', body: zipBody },
        { path: `/api/storages/${storageId}/uploads/${uploadId}/1`, method: 'PUT', body: 'part' },
      ];
    },
  },
  '/api/audit/export': { reach: 'admin', asks: () => [{ path: '/api/audit/export?format=jsonl' }] },
  '/api/activity/export': { reach: 'personal', asks: () => [{ path: '/api/activity/export?format=jsonl' }] },
  '/api/auth/link': { reach: 'door', asks: () => [{ path: '/api/auth/link', method: 'POST', body: '{}' }] },
  '/api/auth/sign-out': { reach: 'door', asks: () => [{ path: '/api/auth/sign-out', method: 'POST' }] },
  '/api/auth/exchange': {
    reach: 'door',
    asks: () => [{ path: '/api/auth/exchange', method: 'POST', body: '{"idToken":"x"}' }],
  },
  '/api/auth/invitation': {
    reach: 'door',
    asks: () =>
      ['', '/accept'].map((more) => ({
        path: `/api/auth/invitation${more}`,
        method: 'POST',
        body: '{"secret":"none-that-was-ever-made"}',
      })),
  },
  '/api/auth/sign-in': { reach: 'door', asks: () => [{ path: '/api/auth/sign-in/nobody', method: 'POST', body: '' }] },
  '/api/auth/callback': { reach: 'door', asks: () => [{ path: '/api/auth/callback/nobody?code=a&state=b' }] },
  '/api/auth/back-channel-logout': {
    reach: 'door',
    asks: () => [{ path: '/api/auth/back-channel-logout/nobody', method: 'POST', body: 'logout_token=x' }],
  },
  '/api/auth/issuer-sign-out': { reach: 'door', asks: () => [{ path: '/api/auth/issuer-sign-out/nobody' }] },
  '/api/control/': {
    reach: 'machine',
    asks: () => ['link', 'orphans'].map((name) => ({ path: `/api/control/${name}`, method: 'POST', body: '{}' })),
  },
  '/open/': { reach: 'owned', asks: ({ environmentId }) => [{ path: `/open/${environmentId}` }] },
};
