import { newEnvironmentId, newUserId } from '../../domain/ids.ts';
import { type Behaviour, describeSpawner, OUTPUT } from './conformance.ts';
import { createMemorySpawner, createMemoryWorld } from './memory.ts';
import type { EnvironmentSpec } from './spawner.ts';

const COMMANDS: Record<Behaviour, string[]> = {
  serves: ['serve'],
  'never-listens': ['never-listens'],
  'exits-at-once': ['exits-at-once', '3'],
  'not-installed': ['not-installed'],
  'ignores-term': ['ignores-term'],
  crashes: ['crashes', '4', '20'],
  killed: ['killed', '20'],
  prints: ['prints', OUTPUT],
  shows: ['shows'],
};

function spec(behaviour: Behaviour): EnvironmentSpec {
  return {
    id: newEnvironmentId(),
    generation: 1,
    ownerId: newUserId(),
    slug: 'lab',
    name: 'Lab',
    size: { cpuMillicores: 500, memoryMiB: 256, gpus: 0 },
    env: {},
    files: [],
    workspace: null,
    url: 'http://lab.localhost:8080',
    readyTimeoutMs: 5_000,
    run: { argv: COMMANDS[behaviour], listen: 'socket', readyPath: null, secretHeader: null, image: null, port: null },
  };
}

describeSpawner('memory', async () => {
  const world = createMemoryWorld();
  return {
    open: async () => createMemorySpawner({ world }),
    spec,
    patienceMs: 2_000,
    close: async () => undefined,
  };
});
