/**
 * Whatever people order, in whatever order, while the spawner fails now and then and the control plane starts anew in between: in
 * the end each environment is what its owner wanted last, and nothing runs that nobody wants.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import { AppError } from '../../domain/errors.ts';
import type { ApplicationId, EnvironmentId } from '../../domain/ids.ts';
import { createReconciler, type Reconciler } from '../reconciler.ts';

type Order = 'launch' | 'stop' | 'start' | 'restart' | 'delete' | 'rename';
type Event =
  | { kind: 'order'; order: Order; which: number }
  | { kind: 'turns'; count: number }
  | { kind: 'new control plane' }
  | { kind: 'vanish'; which: number }
  | { kind: 'fault'; call: 'start' | 'stop' | 'remove' | 'poll'; when: 'before' | 'after' };

const which = fc.nat(3);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      order: fc.constantFrom<Order>('launch', 'stop', 'start', 'restart', 'delete', 'rename'),
      which,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'new control plane' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      call: fc.constantFrom('start' as const, 'stop' as const, 'remove' as const, 'poll' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
);

/** Each order once on an environment that is up, with time to take effect and nothing after it that could mend it. */
const ALONE = (['stop', 'start', 'restart', 'delete', 'rename'] as const).map((order): [Event[]] => [
  [
    { kind: 'order', order: 'launch', which: 0 },
    { kind: 'turns', count: 30 },
    { kind: 'order', order, which: 0 },
    { kind: 'turns', count: 30 },
  ],
]);

let bed: TestBed;
let person: Awaited<ReturnType<TestBed['signIn']>>;
let application: ApplicationId;
let reconciler: Reconciler;
let faults: Extract<Event, { kind: 'fault' }>[] = [];
let count = 0;
const next = (): number => {
  count += 1;
  return count;
};

/** A call of the spawner that fails once for each ordered fault, before it did anything or after it did all. */
function faulty<Args extends unknown[], Result>(
  call: 'start' | 'stop' | 'remove' | 'poll',
  work: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    const at = faults.findIndex((fault) => fault.call === call);
    const [fault] = at < 0 ? [] : faults.splice(at, 1);
    if (fault?.when === 'before') throw new AppError('unavailable', 'The machine did not answer.');
    const result = await work(...args);
    if (fault) throw new AppError('unavailable', 'The answer was lost.');
    return result;
  };
}

beforeAll(async () => {
  bed = await openTestBed();
  person = await bed.signIn('ada');
  const { deps } = bed.container;
  application = deps.applications.findBySlug('terminal')?.id as ApplicationId;
  await eventually(async () => (await person.api.storages.list())[0]?.status === 'active');
  const spawner = deps.spawnerOf('memory');
  spawner.start = faulty('start', spawner.start);
  spawner.stop = faulty('stop', spawner.stop);
  spawner.remove = faulty('remove', spawner.remove);
  spawner.poll = faulty('poll', spawner.poll);
  reconciler = bed.container.reconciler;
});
afterAll(async () => {
  await reconciler.close();
  await bed.close();
});

/** As after a crash: the loops of old are gone, new ones begin with what the database and the spawner know. */
async function startAnew(): Promise<void> {
  const { deps, spawners } = bed.container;
  await reconciler.close();
  const fresh = createReconciler(deps);
  deps.wake = (target) => fresh.wake(target);
  reconciler = fresh;
  await fresh.start(spawners);
}

interface Wanted {
  id: EnvironmentId;
  desired: 'running' | 'stopped' | 'deleted';
  name: string;
  /** It ended from outside: failed is as good as what was wanted. */
  vanished: boolean;
}

async function obey(order: Order, wanted: Wanted): Promise<void> {
  const { environments } = person.api;
  const { id } = wanted;
  if (order === 'rename') {
    const name = `Name ${next()}`;
    await environments.rename({ id, name });
    wanted.name = name;
  } else if (order !== 'launch') {
    await environments[order]({ id });
    wanted.desired = order === 'delete' ? 'deleted' : order === 'stop' ? 'stopped' : 'running';
    if (order !== 'stop') wanted.vanished = false;
  }
}

async function run(events: readonly Event[]): Promise<void> {
  const slots: (Wanted | undefined)[] = [];
  const all: Wanted[] = [];
  const { deps } = bed.container;
  const spawner = deps.spawnerOf('memory');
  for (const each of events) {
    if (each.kind === 'turns')
      for (let i = 0; i < each.count; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    else if (each.kind === 'fault') faults.push(each);
    else if (each.kind === 'new control plane') {
      faults = [];
      await startAnew();
    } else if (each.kind === 'vanish') {
      const wanted = slots[each.which];
      if (!wanted) continue;
      faults = [];
      wanted.vanished = true;
      await spawner.remove(wanted.id, { keepHome: true });
    } else if (each.order === 'launch') {
      if (slots[each.which]) continue;
      const launched = await person.api.environments.launch({
        clientKey: `key-${next()}-0000`,
        applicationId: application,
        name: 'Lab',
        size: { cpuMillicores: 100, memoryMiB: 64, gpus: 0 },
        storage: { kind: 'automatic' },
      });
      const wanted: Wanted = { id: launched.id, desired: 'running', name: 'Lab', vanished: false };
      slots[each.which] = wanted;
      all.push(wanted);
    } else {
      const wanted = slots[each.which];
      // A refusal (restart of what is not up) changes nothing.
      if (wanted) await obey(each.order, wanted).catch(() => {});
      if (wanted?.desired === 'deleted') slots[each.which] = undefined;
    }
  }
  faults = [];
  for (const wanted of all) {
    await eventually(async () => isTrue(wanted), 8_000).catch(async (error: unknown) => {
      const seen = { row: deps.environments.find(wanted.id), observed: (await spawner.poll(wanted.id)).observed };
      throw new Error(`${String(error)}\nwanted ${JSON.stringify(wanted)}\nis ${JSON.stringify(seen)}`);
    });
  }
  for (const wanted of slots) if (wanted) await person.api.environments.delete({ id: wanted.id });
  await eventually(async () => (await spawner.list()).length === 0, 8_000);
  expect((await person.api.profile.limits()).usage.environments).toBe(0);
}

async function isTrue({ id, desired, name, vanished }: Wanted): Promise<boolean> {
  const { deps } = bed.container;
  const row = deps.environments.find(id);
  const { observed } = await deps.spawnerOf('memory').poll(id);
  const atRest = observed.state === 'absent' || observed.state === 'exited';
  if (desired === 'deleted') return row === undefined && observed.state === 'absent';
  if (row?.name !== name) return false;
  if (vanished && row.phase === 'failed') return atRest;
  if (desired === 'stopped') return row.phase === 'stopped' && atRest;
  return row.phase === 'running' && observed.state === 'running' && observed.generation === row.generation;
}

it('always ends as wanted, with nothing left over', { timeout: 60_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), run), {
    numRuns: 25,
    examples: [...ALONE],
    interruptAfterTimeLimit: 12_000,
  });
});
