/** The rules that carry the promise, and what happens without each, within small bounds that show it. Read by test and proof. */
import type { Bounds, Invariant } from './state.ts';

export interface SwitchedOff {
  invariant: Invariant;
  rule: string;
  bounds: Bounds;
  /** Length of the shortest way to break it. */
  steps: number;
  what: string;
}

const SMALLEST: Bounds = { processes: 2, seals: 1, appends: 1, snapshots: 1, delayed: 0 };

export const SWITCHED_OFF: readonly SwitchedOff[] = [
  {
    invariant: 'I1',
    rule: 'the bytes for a slot are frozen at the first attempt, and whoever finds the slot taken compares',
    bounds: SMALLEST,
    steps: 11,
    what: 'an acknowledged write is missing after a restore',
  },
  {
    invariant: 'I2',
    rule: 'the seals of the verified chain are never deleted',
    bounds: SMALLEST,
    steps: 11,
    what: 'two writes were acknowledged on different branches',
  },
  {
    invariant: 'I3',
    rule: 'who has won a seal leads only if nothing lies beyond it',
    bounds: { ...SMALLEST, appends: 3 },
    steps: 14,
    what: 'two writes were acknowledged on different branches',
  },
  {
    invariant: 'I4',
    rule: 'the last slot is never deleted',
    bounds: SMALLEST,
    steps: 11,
    what: 'two writes were acknowledged on different branches',
  },
  {
    invariant: 'I5',
    rule: 'a leader writes DIFFs, and collects, only on a BASE of its own epoch',
    bounds: { ...SMALLEST, appends: 2, snapshots: 2 },
    steps: 16,
    what: 'the database cannot be restored',
  },
  {
    // The slot may hold the seal of a slow candidate in the place of our own object, which had landed, was followed and collected.
    invariant: 'I7',
    rule: 'a leader that loses a slot after an attempt without an answer says "unknown", never "not stored"',
    bounds: { ...SMALLEST, processes: 3 },
    steps: 13,
    what: 'a write that was refused as not stored is there after a restore',
  },
];
