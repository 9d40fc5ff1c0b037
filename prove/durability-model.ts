/**
 * Visits every state of the replication protocol within bounds that take minutes (prisma-free-db/replication/model): nothing that
 * was acknowledged may be missing from a restore, and never may two leaders acknowledge on different branches. Then switches each
 * of its rules off, which must break it, and tells how.
 */
import { search } from '../prisma-free-db/replication/model/search.ts';
import type { Bounds } from '../prisma-free-db/replication/model/state.ts';
import { SWITCHED_OFF, type SwitchedOff } from '../prisma-free-db/replication/model/switched-off.ts';

const LARGE: Bounds[] = [
  { processes: 2, seals: 1, appends: 3, snapshots: 1, delayed: 1 },
  { processes: 2, seals: 1, appends: 3, snapshots: 2, delayed: 0 },
  { processes: 2, seals: 1, appends: 2, snapshots: 2, delayed: 1 },
  { processes: 2, seals: 2, appends: 2, snapshots: 1, delayed: 1 },
  { processes: 3, seals: 1, appends: 1, snapshots: 1, delayed: 1 },
  { processes: 3, seals: 1, appends: 2, snapshots: 1, delayed: 0 },
  { processes: 3, seals: 2, appends: 1, snapshots: 1, delayed: 0 },
];
const LEAST_STATES = 2_000_000;

const figures = { states: 0, seconds: 0, violations: 0, lengths: [] as string[] };

/** What the proof has to say of itself, whether it held or not. */
export const held = (): string =>
  `${figures.states} states, ${figures.seconds.toFixed(0)} seconds, ${figures.violations} violations, counterexamples of ${figures.lengths.join(', ')} steps`;

/** States that were visited with all rules in force. */
export const visited = (): number => figures.states;

/** @returns what did not hold; empty = all did */
export async function prove(): Promise<string[]> {
  const started = performance.now();
  const broken = [...LARGE.flatMap(visit), ...SWITCHED_OFF.flatMap(switchOff)];
  if (figures.states < LEAST_STATES)
    broken.push(`only ${figures.states} states, at least ${LEAST_STATES} are promised`);
  figures.seconds = (performance.now() - started) / 1000;
  return broken;
}

function visit(bounds: Bounds): string[] {
  const started = performance.now();
  const { states, transitions, depth, counterexample } = search(bounds);
  const seconds = (performance.now() - started) / 1000;
  figures.states += states;
  process.stdout.write(
    `${words(bounds)}: ${states} states, ${transitions} transitions, depth ${depth}, ${seconds.toFixed(1)} s\n`,
  );
  if (counterexample === null) return [];
  figures.violations += 1;
  return [`${words(bounds)}: ${counterexample.what}\n${tell(counterexample.steps)}`];
}

function switchOff({ invariant, rule, bounds, steps }: SwitchedOff): string[] {
  const { counterexample } = search(bounds, { off: [invariant] });
  if (counterexample === null) return [`without ${invariant} nothing breaks: the model would not notice`];
  figures.lengths.push(`${invariant} ${counterexample.steps.length}`);
  process.stdout.write(`without ${invariant} (${rule}) ${counterexample.what}:\n${tell(counterexample.steps)}\n`);
  const { length } = counterexample.steps;
  return length <= steps ? [] : [`the way to break it without ${invariant} has ${length} steps, not ${steps}`];
}

const words = ({ processes, seals, appends, snapshots, delayed }: Bounds): string =>
  `${processes} processes × ${seals} seals × ${appends} appends × ${snapshots} snapshots, ${delayed} delayed`;

const tell = (steps: string[]): string => steps.map((step, index) => `  ${index + 1}. ${step}`).join('\n');
