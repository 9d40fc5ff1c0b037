import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../boot/test-bed.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await openTestBed();
});
afterEach(() => bed.close());

it.each(['poll', 'start'] as const)('a spawner whose %s never answers once is asked again', async (call) => {
  const { deps } = bed.container;
  const spawner = deps.spawnerOf('memory');
  let hung = false;
  const never = () => {
    hung = true;
    return new Promise<never>(() => {});
  };
  const moody = new Proxy(spawner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return name === call && !hung ? never : value.bind(target);
    },
  });
  Object.assign(deps, { effectMs: 50, spawnerOf: () => moody });
  const { api } = await bed.signIn('ada');
  const application = deps.applications.findBySlug('terminal');
  if (!application) throw new Error('the catalog has no terminal');
  const { id } = await api.environments.launch({
    clientKey: 'key-00001',
    applicationId: application.id,
    name: 'Lab',
    size: { cpuMillicores: 500, memoryMiB: 512, gpus: 0 },
    storage: { kind: 'automatic' },
  });
  await eventually(() => deps.environments.find(id)?.phase === 'running');
  expect(hung).toBe(true);
});
