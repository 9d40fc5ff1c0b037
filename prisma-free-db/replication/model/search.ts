/**
 * Exhaustive breadth-first search over the states of the replication protocol (the model checker). Every order of steps of every
 * process within the bounds is visited, so a search that ends without a violation is a proof for those bounds; one that finds a
 * violation returns the shortest way to it. Called by model.test.ts (small bounds) and `npm run prove durability-model` (large).
 *
 * Modelled: restore in one go or torn between snapshot and log, following, SEAL with lost and delayed answers, the check beyond a
 * seal, SEG likewise, retries with frozen bytes, BASE and DIFF, every single delete of the collection in any order and also after
 * the collector was fenced or died, PUTs that land late and any number of times, a crash between any two steps.
 * Not modelled: the lease and every clock (they decide when somebody tries, never who may write); several PUTs of one writer at
 * once (the pump has one in flight); the local SQLite file and its capture (witness, self-check: the kill harness); torn,
 * corrupt or stale reads of a store that breaks its contract (the probe and the codec); retention, which only deletes less; and a
 * restart in the same place, which is a process more.
 */
import { type Action, Actions, describe } from './actions.ts';
import {
  at,
  type Bounds,
  Bucket,
  FIELD,
  fieldAt,
  type Invariant,
  type Layout,
  layoutOf,
  Objects,
  violation,
} from './state.ts';

export interface Result {
  states: number;
  transitions: number;
  /** Steps of the longest of all shortest ways to a state. */
  depth: number;
  /** Whether everything within the bounds was visited. */
  complete: boolean;
  /** What happened at all: an action that is missing was possible in no state. */
  taken: ReadonlySet<Action>;
  counterexample: { what: string; steps: string[] } | null;
}

export interface SearchOptions {
  off?: readonly Invariant[];
  /** Gives up after so many states. */
  limit?: number;
  /** False: states that differ only in the names of processes count apart, to see that joining them hides nothing. */
  joinAlike?: boolean;
  /** Stops at this action as if it were a violation: the shortest way to it. */
  showing?: Action;
}

/** Stops at the first violation. Memory: about `2 × width + 12` bytes a state, twice that while the table grows. */
export function search(bounds: Bounds, options: SearchOptions = {}): Result {
  const { off = [], limit = Number.POSITIVE_INFINITY, joinAlike = true, showing } = options;
  const layout = layoutOf(bounds);
  const objects = new Objects();
  const bucket = new Bucket(layout, objects);
  const actions = new Actions(layout, objects, bucket, new Set(off));
  const canonical = canonicalizer(layout, objects, joinAlike);
  const seen = new StateTable(layout.width);
  seen.add(canonical(new Uint16Array(layout.width)), -1);

  const from = new Uint16Array(layout.width);
  const found: { what: string; action: Action; row: Uint16Array }[] = [];
  const taken = new Set<Action>();
  let transitions = 0;
  let parent = -1;
  while (parent + 1 < seen.size && seen.size < limit && found.length === 0) {
    parent += 1;
    seen.read(parent, from);
    actions.expand(from, (next, action) => {
      transitions += 1;
      taken.add(action);
      const row = canonical(next);
      const added = seen.add(row, parent);
      const what = action === showing ? action : added ? violation(row, layout, objects, bucket) : null;
      if (what !== null) found.push({ what, action, row: new Uint16Array(row) });
    });
  }
  const [first] = found;
  return {
    states: seen.size,
    transitions,
    depth: seen.pathTo(seen.size - 1).length - 1,
    complete: first === undefined && parent + 1 === seen.size,
    taken,
    counterexample: first === undefined ? null : { what: first.what, steps: retell(first.row, first.action) },
  };

  /** Walks again, under the names that the processes had at the start: the table knows states only up to renaming. */
  function retell(last: Uint16Array, lastAction: Action): string[] {
    const path = seen.pathTo(parent);
    const target = new Uint16Array(layout.width);
    let here = new Uint16Array(layout.width);
    return path.map((_, index) => {
      const state = path[index + 1];
      if (state === undefined) target.set(last);
      else seen.read(state, target);
      const ways: { row: Uint16Array<ArrayBuffer>; words: string }[] = [];
      actions.expand(here, (next, action, process, subject) => {
        if (state === undefined && action !== lastAction) return;
        if (!same(canonical(next), target)) return;
        ways.push({ row: new Uint16Array(next), words: describe(objects, action, process, subject) });
      });
      const [way] = ways;
      if (way === undefined) throw new Error('The way to a state could not be walked again.');
      here = way.row;
      return way.words;
    });
  }
}

function same(a: Uint16Array, b: Uint16Array): boolean {
  return a.every((word, index) => word === b[index]);
}

/**
 * Processes are alike, so states that differ only in their names are one: of all renamings the smallest row stands for the class.
 * @returns a function whose result is overwritten by its next call
 */
function canonicalizer(layout: Layout, objects: Objects, joinAlike: boolean): (row: Uint16Array) => Uint16Array {
  const { bounds, width, snaps, net } = layout;
  const fields = snaps / bounds.processes;
  const all = permutations(bounds.processes);
  const renamings = (joinAlike ? all : all.slice(-1)).map((names) => {
    const source = new Uint16Array(width);
    for (let index = 0; index < width; index += 1) source[index] = index;
    names.forEach((name, process) => {
      for (let field = 0; field < fields; field += 1) source[fieldAt(name, field)] = fieldAt(process, field);
      for (let k = 0; k < bounds.snapshots; k += 1)
        source[snaps + name * bounds.snapshots + k] = snaps + process * bounds.snapshots + k;
    });
    return { names, source };
  });
  let best = new Uint16Array(width);
  let tried = new Uint16Array(width);
  return (row) => {
    renamings.forEach(({ names, source }, nth) => {
      let undecided = nth > 0;
      for (let index = 0; index < width; index += 1) {
        const word = at(row, at(source, index));
        const counters = index < snaps && index % fields === FIELD.packed;
        const value = counters ? word : objects.rename(word, names);
        tried[index] = value;
        if (!undecided || index >= net) continue;
        if (value > at(best, index)) return;
        if (value < at(best, index)) undecided = false;
      }
      tried.subarray(net).sort().reverse();
      if (undecided && !smaller(tried, best, net)) return;
      [best, tried] = [tried, best];
    });
    return best;
  };
}

function smaller(a: Uint16Array, b: Uint16Array, start: number): boolean {
  for (let index = start; index < a.length; index += 1)
    if (at(a, index) !== at(b, index)) return at(a, index) < at(b, index);
  return false;
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, place) => [...rest.slice(0, place), count - 1, ...rest.slice(place)]),
  );
}

/** All states in the order they were found (which is the queue of the search), each with the state it was reached from. */
class StateTable {
  readonly #width: number;
  #rows: Uint16Array<ArrayBuffer>;
  #parents = new Int32Array(1 << 12);
  /** Open addressing; index of a state + 1, 0 = free. */
  #index = new Int32Array(1 << 13);
  size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#rows = new Uint16Array(width << 12);
  }

  /** @returns whether the state is new */
  add(row: Uint16Array, parent: number): boolean {
    const mask = this.#index.length - 1;
    let place = hash(row, 0, this.#width) & mask;
    for (let found = this.#index[place] ?? 0; found !== 0; found = this.#index[place] ?? 0) {
      if (this.#equals(found - 1, row)) return false;
      place = (place + 1) & mask;
    }
    if (this.size === this.#parents.length) {
      this.#grow();
      return this.add(row, parent);
    }
    this.#rows.set(row, this.size * this.#width);
    this.#parents[this.size] = parent;
    this.size += 1;
    this.#index[place] = this.size;
    return true;
  }

  read(state: number, into: Uint16Array): void {
    const start = state * this.#width;
    for (let index = 0; index < this.#width; index += 1) into[index] = at(this.#rows, start + index);
  }

  /** From the first state on, both ends included. */
  pathTo(state: number): number[] {
    const path: number[] = [];
    for (let here = state; here >= 0; here = this.#parents[here] ?? -1) path.push(here);
    return path.reverse();
  }

  #equals(state: number, row: Uint16Array): boolean {
    const start = state * this.#width;
    for (let index = 0; index < this.#width; index += 1)
      if (at(this.#rows, start + index) !== at(row, index)) return false;
    return true;
  }

  #grow(): void {
    const rows = new Uint16Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
    const parents = new Int32Array(this.#parents.length * 2);
    parents.set(this.#parents);
    this.#parents = parents;
    const index = new Int32Array(this.#index.length * 2);
    const mask = index.length - 1;
    for (let state = 0; state < this.size; state += 1) {
      let place = hash(rows, state * this.#width, this.#width) & mask;
      while (index[place] !== 0) place = (place + 1) & mask;
      index[place] = state + 1;
    }
    this.#index = index;
  }
}

/** FNV-1a over words, with the finish of MurmurHash3: neighbouring states differ in one word only. */
function hash(words: Uint16Array, start: number, width: number): number {
  let h = 0x811c9dc5;
  for (let index = start; index < start + width; index += 1) h = Math.imul(h ^ at(words, index), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
