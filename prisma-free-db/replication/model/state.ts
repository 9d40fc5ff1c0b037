/**
 * What a state of the replication model is. The bucket's objects are interned: the id of a log slot's content stands for its whole
 * history, as its hash does in the real log, so "is this write in that database" is a comparison of two numbers. A state is one
 * row of 16-bit words (processes, snapshots, slots, the newest acknowledged write, PUTs that travel in the network); search.ts
 * packs millions of rows into one typed array. No clock, no I/O: it must stay possible to visit every state.
 */

/** How far a search goes. Counts are per process, except for `delayed`. */
export interface Bounds {
  processes: number;
  /** Times that a process may try to become leader. */
  seals: number;
  appends: number;
  snapshots: number;
  /** PUTs that may stay in the network, all together; each may land any number of times at any later moment. */
  delayed: number;
}

/** The rules of the protocol that can be switched off, to see that the model notices; switched-off.ts says what each of them is. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I7';

/** `sealing` and `appending` wait for the answer to a PUT with frozen bytes; `restoring` has read a snapshot, not yet the log. */
export const PHASE = {
  init: 0,
  restoring: 1,
  candidate: 2,
  sealing: 3,
  sealed: 4,
  leader: 5,
  appending: 6,
  fenced: 7,
  dead: 8,
} as const;

/** Words of one process. `base` is kept only where I5 is off: otherwise nothing may depend on somebody else's BASE. */
export const FIELD = { packed: 0, tail: 1, frozen: 2, base: 3, snap: 4, ownBase: 5, ownTop: 6 } as const;
const FIELDS = 7;

const SEG = 1;
const SEAL = 2;
const BASE = 3;
const DIFF = 4;

/** Stands for the newest acknowledged write where there is no single one. */
export const BRANCHED = 0xffff;
const GAP = -1;
/** What `replay` says of a log that continues another history than the one it was given. */
export const OTHER_HISTORY = -2;

export const at = (words: Uint16Array, index: number): number => words[index] ?? 0;

interface Entry {
  kind: number;
  /** SEG and SEAL: the content before it. BASE and DIFF: the content whose state it holds. */
  prev: number;
  /** DIFF: the BASE under it. */
  base: number;
  owner: number;
  /** Tells contents apart that one process builds on the same history: number of the seal or snapshot, 1 = other bytes for one append. */
  attempt: number;
  seq: number;
  /** Content ids by slot, ending with this one (SEG, SEAL). */
  chain: readonly number[];
}

const EMPTY: Entry = { kind: 0, prev: 0, base: 0, owner: 0, attempt: 0, seq: 0, chain: [0] };

/** Every content that was ever thought of, by number. 0 is the empty database; contents and snapshots share the numbers. */
export class Objects {
  readonly #entries: Entry[] = [EMPTY];
  readonly #ids = new Map<number, number>();
  readonly #renamed = new Map<readonly number[], number[]>();

  seg(prev: number, owner: number, attempt: number): number {
    return this.#intern(SEG, prev, 0, owner, attempt);
  }

  seal(prev: number, owner: number, attempt: number): number {
    return this.#intern(SEAL, prev, 0, owner, attempt);
  }

  baseOf(content: number, owner: number, attempt: number): number {
    return this.#intern(BASE, content, 0, owner, attempt);
  }

  diffOf(content: number, base: number, owner: number, attempt: number): number {
    return this.#intern(DIFF, content, base, owner, attempt);
  }

  entry(id: number): Entry {
    return this.#entries[id] ?? EMPTY;
  }

  seq(id: number): number {
    return this.entry(id).seq;
  }

  isSeal(id: number): boolean {
    return this.entry(id).kind === SEAL;
  }

  isBase(id: number): boolean {
    return this.entry(id).kind === BASE;
  }

  isSnapshot(id: number): boolean {
    return this.entry(id).kind >= BASE;
  }

  /** What the history of `id` has in a slot. */
  ancestor(id: number, seq: number): number {
    return this.entry(id).chain[seq] ?? 0;
  }

  contains(id: number, earlier: number): boolean {
    return this.ancestor(id, this.seq(earlier)) === earlier;
  }

  /** The same object in a world where process `p` is called `names[p]`. */
  rename(id: number, names: readonly number[]): number {
    if (id === 0 || id === BRANCHED) return id;
    let known = this.#renamed.get(names);
    if (known === undefined) {
      known = [];
      this.#renamed.set(names, known);
    }
    const found = known[id];
    if (found !== undefined) return found;
    const { kind, prev, base, owner, attempt } = this.entry(id);
    const renamed = this.#intern(
      kind,
      this.rename(prev, names),
      this.rename(base, names),
      names[owner] ?? owner,
      attempt,
    );
    known[id] = renamed;
    return renamed;
  }

  #intern(kind: number, prev: number, base: number, owner: number, attempt: number): number {
    const key = (prev * 0x10000 + base) * 0x200 + kind * 0x40 + owner * 8 + attempt;
    const found = this.#ids.get(key);
    if (found !== undefined) return found;
    const id = this.#entries.length;
    if (id >= BRANCHED) throw new Error('The bounds need more contents than a word can number.');
    const before = this.entry(prev);
    const seq = kind >= BASE ? before.seq : before.seq + 1;
    const chain = kind >= BASE ? [] : [...before.chain, id];
    this.#entries.push({ kind, prev, base, owner, attempt, seq, chain });
    this.#ids.set(key, id);
    return id;
  }
}

/** Where what stands in a row. */
export interface Layout {
  bounds: Bounds;
  width: number;
  snaps: number;
  slots: number;
  lastSlot: number;
  acked: number;
  /** The newest write of which somebody was told that it is certainly not stored. */
  refused: number;
  net: number;
}

export function layoutOf(bounds: Bounds): Layout {
  const { processes, seals, appends, snapshots, delayed } = bounds;
  const lastSlot = processes * (seals + appends);
  const snaps = processes * FIELDS;
  const slots = snaps + processes * snapshots;
  const acked = slots + lastSlot;
  return { bounds, snaps, slots, lastSlot, acked, refused: acked + 1, net: acked + 2, width: acked + 2 + delayed };
}

export const fieldAt = (process: number, field: number): number => process * FIELDS + field;

/** Phase and the counters of what a process has used of its bounds, in one word. */
export const packed = {
  phase: (word: number): number => word & 15,
  seals: (word: number): number => (word >> 4) & 7,
  appends: (word: number): number => (word >> 7) & 7,
  snapshots: (word: number): number => (word >> 10) & 7,
  withPhase: (word: number, phase: number): number => (word & ~15) | phase,
  oneSeal: 1 << 4,
  oneAppend: 1 << 7,
  oneSnapshot: 1 << 10,
};

/** The bucket in a row, as a process sees it through list, get and putIfAbsent. */
export class Bucket {
  readonly #layout: Layout;
  readonly #objects: Objects;

  constructor(layout: Layout, objects: Objects) {
    this.#layout = layout;
    this.#objects = objects;
  }

  slot(row: Uint16Array, seq: number): number {
    return seq < 1 || seq > this.#layout.lastSlot ? 0 : at(row, this.#layout.slots + seq - 1);
  }

  /** Writes or, with 0, deletes. */
  setSlot(row: Uint16Array, seq: number, content: number): void {
    row[this.#layout.slots + seq - 1] = content;
  }

  /** Index of the one place where a snapshot can stand: each process numbers its own. */
  placeOf(snapshot: number): number {
    const { owner, attempt } = this.#objects.entry(snapshot);
    return this.#layout.snaps + owner * this.#layout.bounds.snapshots + attempt;
  }

  has(row: Uint16Array, snapshot: number): boolean {
    return at(row, this.placeOf(snapshot)) === snapshot;
  }

  /** Whether other bytes stand under the name of a snapshot. */
  nameTaken(row: Uint16Array, snapshot: number): boolean {
    const objects = this.#objects;
    const wanted = objects.entry(snapshot);
    for (let place = this.#layout.snaps; place < this.#layout.slots; place += 1) {
      const id = at(row, place);
      if (id === 0 || id === snapshot) continue;
      const { kind, seq, base } = objects.entry(id);
      if (kind === wanted.kind && seq === wanted.seq && objects.seq(base) === objects.seq(wanted.base)) return true;
    }
    return false;
  }

  anythingBeyond(row: Uint16Array, seq: number): boolean {
    for (let next = seq + 1; next <= this.#layout.lastSlot; next += 1) if (this.slot(row, next) !== 0) return true;
    return false;
  }

  /** The snapshot that a restore starts from; 0 = none. A DIFF counts only while its BASE is there. */
  newestSnapshot(row: Uint16Array): number {
    const objects = this.#objects;
    let best = 0;
    for (let place = this.#layout.snaps; place < this.#layout.slots; place += 1) {
      const id = at(row, place);
      if (id === 0) continue;
      const { base, seq } = objects.entry(id);
      if (base !== 0 && !this.has(row, base)) continue;
      if (best === 0 || seq > objects.seq(best)) best = id;
    }
    return best;
  }

  /** Applies the log to the state of a snapshot. @returns the verified tail; negative: a gap or `OTHER_HISTORY` */
  replay(row: Uint16Array, content: number): number {
    const objects = this.#objects;
    let tail = content;
    let seq = objects.seq(content) + 1;
    for (; this.slot(row, seq) !== 0; seq += 1) {
      const next = this.slot(row, seq);
      if (objects.entry(next).prev !== tail) return OTHER_HISTORY;
      tail = next;
    }
    return this.anythingBeyond(row, seq) ? GAP : tail;
  }

  restore(row: Uint16Array): number {
    return this.replay(row, this.#objects.entry(this.newestSnapshot(row)).prev);
  }
}

/** The property that must hold in every state. @returns what is wrong; null = nothing */
export function violation(row: Uint16Array, layout: Layout, objects: Objects, bucket: Bucket): string | null {
  const acked = at(row, layout.acked);
  if (acked === BRANCHED) return 'two writes were acknowledged on different branches';
  const restored = bucket.restore(row);
  if (restored < 0) return 'the database cannot be restored';
  if (!objects.contains(restored, acked)) return 'an acknowledged write is missing after a restore';
  const refused = at(row, layout.refused);
  if (refused === 0 || !objects.contains(restored, refused)) return null;
  return 'a write that was refused as not stored is there after a restore';
}
