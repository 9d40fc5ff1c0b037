/** What happens without each rule, within the smallest bounds that show it; read by the unit test and by the proof. */
import type { Bounds, Invariant } from './state.ts';

export const SWITCHED_OFF: readonly { invariant: Invariant; bounds: Bounds; steps: number; what: string }[] = [
  {
    invariant: 'I1',
    bounds: { processes: 2, seals: 1, appends: 1, snapshots: 1, delayed: 0 },
    steps: 11,
    what: 'an acknowledged write is missing after a restore',
  },
  {
    invariant: 'I2',
    bounds: { processes: 2, seals: 1, appends: 1, snapshots: 1, delayed: 0 },
    steps: 11,
    what: 'two writes were acknowledged on different branches',
  },
  {
    invariant: 'I3',
    bounds: { processes: 2, seals: 1, appends: 3, snapshots: 1, delayed: 0 },
    steps: 14,
    what: 'two writes were acknowledged on different branches',
  },
  {
    invariant: 'I4',
    bounds: { processes: 2, seals: 1, appends: 1, snapshots: 1, delayed: 0 },
    steps: 11,
    what: 'two writes were acknowledged on different branches',
  },
  {
    invariant: 'I5',
    bounds: { processes: 2, seals: 1, appends: 2, snapshots: 2, delayed: 0 },
    steps: 16,
    what: 'the database cannot be restored',
  },
];
