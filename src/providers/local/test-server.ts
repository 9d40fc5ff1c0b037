/** For tests: a server that starts one environment and can be killed at any moment. Its argument is JSON {options, spec}. */
import type { EnvironmentSpec } from '../../ports/spawner/spawner.ts';
import { type LocalSpawnerOptions, openLocalSpawner } from './spawner.ts';

const quiet = { info() {}, warn() {}, error() {} };
const { options, spec } = JSON.parse(process.argv[2] ?? '') as { options: LocalSpawnerOptions; spec: EnvironmentSpec };
const spawner = await openLocalSpawner({ ...options, log: quiet, now: Date.now });
process.stdout.write('starting\n');
await spawner.start(spec);
process.stdout.write('started\n');
