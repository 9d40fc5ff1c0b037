/** Launch: policy and quota in one transaction, the rest by the reconciler. */
import type { ApplicationRow } from '../../../prisma-free-db/repositories/applications.ts';
import { isEnvironmentName, type Size, slugify } from '../../domain/environment.ts';
import { AppError } from '../../domain/errors.ts';
import { type ApplicationId, newEnvironmentId, randomText, type StorageId } from '../../domain/ids.ts';
import { checkQuota, type QuotaRefusal } from '../../domain/quota.ts';
import { variableFault } from '../../domain/secrets.ts';
import type { Actor } from '../../domain/user.ts';
import type { Capacity } from '../../ports/spawner/spawner.ts';
import { runOf } from '../applications/list.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { limitsOf } from '../limits.ts';
import { refusedVariable } from '../secrets/refusals.ts';
import { launchContext } from '../secrets/sealing.ts';
import { insertOwnStorage } from '../storage/create.ts';
import { ownedStorage } from '../storage/owned.ts';
import { type EnvironmentView, environmentView } from './view.ts';

export interface LaunchInput {
  /** Chosen by the client; the same key again answers the environment of the first call. */
  clientKey: string;
  applicationId: ApplicationId;
  name: string;
  size: Size;
  storage: { kind: 'automatic' } | { kind: 'existing'; id: StorageId } | { kind: 'new'; displayName: string };
  env: { name: string; value: string }[];
  /** For applications that ask for one: run by `sh -c` in the environment. */
  command: string | null;
}

const MAX_ENV_BYTES = 64 * 1024;

/** @throws resource_exhausted with the limit it breaks; invalid_argument; failed_precondition when the application cannot run here */
export async function launchEnvironment(deps: Deps, actor: Actor, input: LaunchInput): Promise<EnvironmentView> {
  const spawner = deps.spawnerOf(deps.placement.spawner);
  const application = deps.applications.find(input.applicationId);
  if (!application?.active)
    throw new AppError('not_found', 'This application is not in the catalog any more. Choose another one.');
  const argv = commandOf(application, input.command);
  checkNames(input);
  const [check, capacity] = await Promise.all([spawner.check(runOf(application, argv)), deps.capacity()]);

  return deps.db.write(() => {
    const again = deps.environments.findByClientKey(actor.userId, input.clientKey);
    if (again?.desired === 'deleted')
      throw new AppError('conflict', 'The environment of this launch was deleted meanwhile. Launch a new one.');
    if (again) return environmentView(deps, again);
    if (!check.available) {
      const install = application.local?.install;
      throw new AppError(
        'failed_precondition',
        `${application.name} cannot run here: ${check.reason}${install ? ` Install it with: ${install}` : ''}`,
      );
    }
    refuseOverQuota(deps, actor, capacity, input.size);
    refuseTooManyKept(deps, actor);
    const id = newEnvironmentId();
    const now = deps.now();
    const values = Object.fromEntries(input.env.map(({ name, value }) => [name, value]));
    deps.environments.insert({
      id,
      ownerId: actor.userId,
      provider: deps.placement.spawner,
      name: input.name,
      slug: `${slugify(input.name)}-${randomText(6)}`,
      applicationId: application.id,
      storageId: chooseStorage(deps, actor, input.storage),
      cpuMillicores: input.size.cpuMillicores,
      memoryMiB: input.size.memoryMiB,
      gpus: input.size.gpus,
      envNames: Object.keys(values).sort(),
      sealedEnv: input.env.length > 0 ? deps.keys.seal(JSON.stringify(values), launchContext(id)) : null,
      argv,
      phase: 'pending',
      desired: 'running',
      generation: 1,
      steps: [{ step: 'accepted', at: now }],
      failure: null,
      resume: false,
      clientKey: input.clientKey,
      createdAt: now,
      phaseAt: now,
      readyAt: null,
      deadlineAt: null,
      lastActivityAt: null,
    });
    record(deps, actor, {
      action: 'environment.launch',
      ownerId: actor.userId,
      targetId: id,
      targetName: input.name,
      details: { application: application.slug, ...input.size, envNames: Object.keys(values) },
    });
    deps.feed.publish(actor.userId, 'environment', id);
    deps.db.afterCommit(() => deps.wake({ environmentId: id }));
    const row = deps.environments.find(id);
    if (!row) throw new AppError('internal', 'The new environment could not be read back.');
    return environmentView(deps, row);
  });
}

function commandOf(application: ApplicationRow, command: string | null): string[] | null {
  if (!application.asksCommand) return null;
  const text = command?.trim();
  if (!text) throw new AppError('invalid_argument', `${application.name} needs a command to run.`);
  if (text.includes('\0'))
    throw new AppError('invalid_argument', 'The command holds a NUL character, which no program can be given.');
  return ['/bin/sh', '-c', text];
}

function checkNames(input: LaunchInput): void {
  if (!isEnvironmentName(input.name))
    throw new AppError('invalid_argument', 'The name must have 1 to 64 characters, without spaces at its ends.');
  const seen = new Set<string>();
  let bytes = 0;
  for (const { name, value } of input.env) {
    const fault = variableFault(name, value);
    if (fault) throw refusedVariable(name, fault);
    if (seen.has(name)) throw new AppError('invalid_argument', `${name} is given twice.`);
    seen.add(name);
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (bytes > MAX_ENV_BYTES)
    throw new AppError(
      'invalid_argument',
      `The variables hold ${bytes} bytes together; at most ${MAX_ENV_BYTES} fit. Put large values into a file.`,
    );
}

/** Inside `db.write`: the same transaction inserts or restarts, so parallel calls cannot pass together. */
export function refuseOverQuota(deps: Deps, actor: Pick<Actor, 'userId'>, capacity: Capacity, size: Size): void {
  const over = (['cpuMillicores', 'memoryMiB', 'gpus'] as const).find((part) => size[part] > capacity[part]);
  if (over) {
    throw new AppError(
      'resource_exhausted',
      `${LIMIT_WORDS[over]}: you asked for ${amount(over, size[over])}, the largest machine here has ${amount(over, capacity[over])}. Choose a smaller size.`,
    );
  }
  const refusal = checkQuota(limitsOf(deps, actor.userId), deps.environments.usage(actor.userId), size);
  if (refusal) throw new AppError('resource_exhausted', quotaSentence(refusal), { details: { ...refusal } });
}

/** Rows, logs and homes of what was stopped or failed stay until they are deleted. */
function refuseTooManyKept(deps: Deps, actor: Pick<Actor, 'userId'>): void {
  const { kept, oldest } = deps.environments.atRest(actor.userId);
  const max = deps.deployment.keptEnvironments;
  if (kept < max || !oldest) return;
  throw new AppError(
    'resource_exhausted',
    `You keep ${kept} stopped or failed environments, and ${max} is the most. Delete some that you no longer need, such as "${oldest}", which has rested the longest; its files stay in the storage.`,
    { details: { limit: 'keptEnvironments', used: kept, max } },
  );
}

const LIMIT_WORDS: Record<QuotaRefusal['limit'], string> = {
  environments: 'Environments at once',
  cpuMillicores: 'CPU',
  memoryMiB: 'Memory',
  gpus: 'GPUs',
};

function quotaSentence({ limit, used, asked, max }: QuotaRefusal): string {
  if (limit === 'environments') return `You are using ${used} of ${max} environments. Stop one, then launch again.`;
  return `${LIMIT_WORDS[limit]} limit: you use ${amount(limit, used)} of ${amount(limit, max)} and asked for ${amount(limit, asked)} more. Choose a smaller size or stop an environment.`;
}

function amount(limit: QuotaRefusal['limit'], value: number): string {
  if (limit === 'cpuMillicores') return `${value / 1000} ${value === 1000 ? 'core' : 'cores'}`;
  if (limit === 'memoryMiB') return `${Math.round((value / 1024) * 10) / 10} GiB`;
  return String(value);
}

function chooseStorage(deps: Deps, actor: Actor, choice: LaunchInput['storage']): StorageId {
  if (choice.kind === 'new') return insertOwnStorage(deps, actor, { displayName: choice.displayName });
  if (choice.kind === 'existing') {
    const row = ownedStorage(deps, actor, choice.id);
    if (row.status === 'deleting' || row.status === 'failed')
      throw new AppError('failed_precondition', `"${row.displayName}" is not available. Choose another storage.`);
    return row.id;
  }
  const first = deps.storages
    .listOwned(actor.userId)
    .find((row) => row.status === 'active' || row.status === 'creating');
  return first?.id ?? insertOwnStorage(deps, actor, { displayName: 'My files' });
}
