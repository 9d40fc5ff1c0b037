/**
 * Everything that can happen next in a state of the model: each step of each process, each landing of a PUT that was given up, and
 * a crash between any two steps. One action is one request to the bucket or one decision; what the real code does in several
 * requests is several actions. Called by search.ts only.
 */
import {
  at,
  BRANCHED,
  type Bucket,
  FIELD,
  fieldAt,
  type Invariant,
  type Layout,
  type Objects,
  OTHER_HISTORY,
  PHASE,
  packed,
} from './state.ts';

/** What happened: an action, who did it (-1 = the network), and the object or slot concerned. */
export type Emit = (next: Uint16Array, action: Action, process: number, subject: number) => void;

const WORDS = {
  restore: 'restores the whole database',
  readSnapshot: 'reads the newest snapshot',
  readLog: 'reads the log after its snapshot',
  gap: 'finds a slot missing and restores again',
  otherHistory: 'finds a log of another history than its own and restores again',
  follow: 'applies the next slot,',
  seal: 'seals with',
  sealUnanswered: 'seals, the answer is lost:',
  sealDelayed: 'seals, the request stays in the network:',
  sealResent: 'sends its seal again:',
  sealFound: 'finds its own seal in the slot:',
  sealLost: 'finds that it lost the slot and yields',
  validate: 'lists beyond its seal, finds nothing and leads',
  stale: 'lists beyond its seal, finds objects and restores again',
  append: 'appends and acknowledges',
  appendUnanswered: 'appends, the answer is lost:',
  appendDelayed: 'appends, the request stays in the network:',
  appendResent: 'sends the same bytes again and acknowledges',
  appendResentUnanswered: 'sends the same bytes again, the answer is lost:',
  appendOther: 'sends OTHER bytes for the slot and acknowledges',
  appendFound: 'finds its own bytes in the slot and acknowledges',
  fenced: 'finds the slot taken and is fenced',
  snapshot: 'starts the snapshot',
  snapshotLands: 'has stored the snapshot',
  snapshotDelayed: 'repeats the PUT of a snapshot that stays in the network:',
  snapshotRefused: 'finds other bytes under the name of its snapshot and dies',
  lands: 'delivers',
  deleteSlot: 'collects slot',
  deleteSnapshot: 'collects the snapshot',
  crash: 'crashes',
} as const;

export type Action = keyof typeof WORDS;

export const ACTIONS = Object.keys(WORDS) as Action[];

/** One step in words, for people who read a counterexample. */
export function describe(objects: Objects, action: Action, process: number, subject: number): string {
  const who = process < 0 ? 'network' : nameOf(process);
  if (action === 'deleteSlot') return `${who} ${WORDS[action]} ${subject}`;
  return `${who} ${WORDS[action]}${subject === 0 ? '' : ` ${objectName(objects, subject)}`}`;
}

const nameOf = (process: number): string => String.fromCharCode(65 + process);

function objectName(objects: Objects, id: number): string {
  const { seq, base, owner, attempt } = objects.entry(id);
  const by = nameOf(owner);
  if (objects.isBase(id)) return `BASE ${seq} of ${by}`;
  if (objects.isSnapshot(id)) return `DIFF ${objects.seq(base)}-${seq} of ${by}`;
  if (objects.isSeal(id)) return `SEAL in slot ${seq} of ${by}`;
  return `SEG in slot ${seq} of ${by}${attempt === 0 ? '' : ', other bytes'}`;
}

/** The next states of one row. Not reentrant: the row given to `emit` is reused. */
export class Actions {
  readonly #layout: Layout;
  readonly #objects: Objects;
  readonly #bucket: Bucket;
  readonly #off: ReadonlySet<Invariant>;
  readonly #next: Uint16Array;
  #from: Uint16Array;
  #emit: Emit = () => {};

  constructor(layout: Layout, objects: Objects, bucket: Bucket, off: ReadonlySet<Invariant>) {
    this.#layout = layout;
    this.#objects = objects;
    this.#bucket = bucket;
    this.#off = off;
    this.#next = new Uint16Array(layout.width);
    this.#from = this.#next;
  }

  /** Calls `emit` for everything that can happen; the same state may come more than once. */
  expand(from: Uint16Array, emit: Emit): void {
    this.#from = from;
    this.#emit = emit;
    for (let process = 0; process < this.#layout.bounds.processes; process += 1) {
      this.#takeOver(process);
      this.#append(process);
      this.#snapshot(process);
      this.#collect(process);
      const phase = this.#phase(process);
      if (phase > PHASE.init && phase < PHASE.fenced) this.#become(process, PHASE.dead, 'crash');
    }
    this.#deliver();
  }

  #takeOver(process: number): void {
    const tail = this.#get(process, FIELD.tail);
    const phase = this.#phase(process);
    if (phase === PHASE.init) this.#restore(process);
    if (phase === PHASE.restoring) {
      const restored = this.#bucket.replay(this.#from, tail);
      if (restored < 0) this.#become(process, PHASE.init, restored === OTHER_HISTORY ? 'otherHistory' : 'gap');
      else this.#become(process, PHASE.candidate, 'readLog', { tail: restored });
    }
    if (phase === PHASE.candidate) this.#seal(process, tail);
    if (phase === PHASE.sealing) this.#resolveSeal(process, tail);
    if (phase === PHASE.sealed) {
      const beyond = this.#bucket.anythingBeyond(this.#from, this.#objects.seq(tail));
      if (beyond && !this.#off.has('I3')) this.#become(process, PHASE.init, 'stale');
      else this.#become(process, PHASE.leader, 'validate');
    }
  }

  #restore(process: number): void {
    // A process that may not seal any more cannot change anything.
    if (packed.seals(this.#get(process, FIELD.packed)) >= this.#layout.bounds.seals) return;
    const snapshot = this.#bucket.newestSnapshot(this.#from);
    const { prev, base } = this.#objects.entry(snapshot);
    const under = this.#off.has('I5') ? base || snapshot : 0;
    this.#become(process, PHASE.restoring, 'readSnapshot', { tail: prev, base: under });
    const restored = this.#bucket.replay(this.#from, prev);
    if (restored >= 0) this.#become(process, PHASE.candidate, 'restore', { tail: restored, base: under });
  }

  #seal(process: number, tail: number): void {
    const bucket = this.#bucket;
    const objects = this.#objects;
    const seq = objects.seq(tail) + 1;
    const there = bucket.slot(this.#from, seq);
    const word = this.#get(process, FIELD.packed);
    if (there !== 0) {
      if (objects.entry(there).prev === tail) this.#become(process, PHASE.candidate, 'follow', { tail: there }, there);
      else this.#become(process, PHASE.init, 'otherHistory');
    }
    if (packed.seals(word) >= this.#layout.bounds.seals) return;
    const seal = objects.seal(tail, process, packed.seals(word));
    if (there === 0) {
      const created = { tail: seal, used: packed.oneSeal, slot: seal };
      this.#become(process, PHASE.sealed, 'seal', created, seal);
      this.#become(process, PHASE.sealing, 'sealUnanswered', { ...created, tail, frozen: seal }, seal);
    }
    const waits = { frozen: seal, used: packed.oneSeal, sent: seal };
    this.#become(process, PHASE.sealing, 'sealDelayed', waits, seal);
  }

  #resolveSeal(process: number, tail: number): void {
    const seal = this.#get(process, FIELD.frozen);
    const there = this.#bucket.slot(this.#from, this.#objects.seq(seal));
    if (there === seal) {
      this.#become(process, PHASE.sealed, 'sealFound', { tail: seal, frozen: 0 }, seal);
    } else if (there === 0) {
      this.#become(process, PHASE.sealed, 'sealResent', { tail: seal, frozen: 0, slot: seal }, seal);
      this.#become(process, PHASE.sealing, 'sealUnanswered', { slot: seal }, seal);
      this.#become(process, PHASE.sealing, 'sealDelayed', { sent: seal }, seal);
    } else if (!this.#objects.isSeal(there) && this.#objects.entry(there).prev === tail) {
      this.#become(process, PHASE.candidate, 'follow', { tail: there, frozen: 0 }, there);
    } else {
      this.#become(process, PHASE.init, 'sealLost');
    }
  }

  #append(process: number): void {
    const phase = this.#phase(process);
    if (phase === PHASE.leader) this.#appendFirst(process);
    if (phase === PHASE.appending) this.#resolveAppend(process);
  }

  #appendFirst(process: number): void {
    if (packed.appends(this.#get(process, FIELD.packed)) >= this.#layout.bounds.appends) return;
    const seg = this.#objects.seg(this.#get(process, FIELD.tail), process, 0);
    if (this.#bucket.slot(this.#from, this.#objects.seq(seg)) === 0) {
      const created = { used: packed.oneAppend, slot: seg };
      this.#become(process, PHASE.leader, 'append', { ...created, tail: seg, ack: seg }, seg);
      this.#become(process, PHASE.appending, 'appendUnanswered', { ...created, frozen: seg }, seg);
    } else {
      this.#become(process, PHASE.fenced, 'fenced');
    }
    this.#become(process, PHASE.appending, 'appendDelayed', { used: packed.oneAppend, frozen: seg, sent: seg }, seg);
  }

  #resolveAppend(process: number): void {
    const seg = this.#get(process, FIELD.frozen);
    const there = this.#bucket.slot(this.#from, this.#objects.seq(seg));
    const won = { tail: seg, frozen: 0, ack: seg };
    if (there === seg) this.#become(process, PHASE.leader, 'appendFound', won, seg);
    else if (there !== 0) this.#become(process, PHASE.fenced, 'fenced', this.#off.has('I7') ? { refused: seg } : {});
    else if (this.#off.has('I1')) {
      const other = this.#objects.seg(this.#get(process, FIELD.tail), process, 1);
      this.#become(process, PHASE.leader, 'appendOther', { tail: other, frozen: 0, ack: other, slot: other }, other);
    } else {
      this.#become(process, PHASE.leader, 'appendResent', { ...won, slot: seg }, seg);
      this.#become(process, PHASE.appending, 'appendResentUnanswered', { slot: seg }, seg);
      this.#become(process, PHASE.appending, 'appendDelayed', { sent: seg }, seg);
    }
  }

  #snapshot(process: number): void {
    const phase = this.#phase(process);
    const travelling = this.#get(process, FIELD.snap);
    if (travelling !== 0) this.#landSnapshot(process, phase, travelling);
    else if (phase === PHASE.leader || phase === PHASE.appending) this.#startSnapshot(process, phase);
  }

  #startSnapshot(process: number, phase: number): void {
    const objects = this.#objects;
    const used = packed.snapshots(this.#get(process, FIELD.packed));
    const tail = this.#get(process, FIELD.tail);
    if (used >= this.#layout.bounds.snapshots) return;
    if (objects.seq(tail) <= objects.seq(this.#get(process, FIELD.ownTop))) return;
    const start = (snap: number): void =>
      this.#become(process, phase, 'snapshot', { snap, used: packed.oneSnapshot }, snap);
    start(objects.baseOf(tail, process, used));
    const own = this.#get(process, FIELD.ownBase);
    if (own !== 0) start(objects.diffOf(tail, own, process, used));
    const foreign = this.#get(process, FIELD.base);
    if (foreign !== 0) start(objects.diffOf(tail, foreign, process, used));
  }

  #landSnapshot(process: number, phase: number, snap: number): void {
    if (this.#bucket.nameTaken(this.#from, snap)) {
      if (phase !== PHASE.dead) this.#become(process, PHASE.dead, 'snapshotRefused', { snap: 0 });
      return;
    }
    this.#become(process, phase, 'snapshotDelayed', { sent: snap }, snap);
    const landed = { snap: 0, stored: snap };
    // A dead process's PUT may still arrive, but nobody is left to collect after it.
    const known = phase === PHASE.dead ? {} : { ownTop: snap };
    const base = phase !== PHASE.dead && this.#objects.isBase(snap) ? { ownBase: snap } : {};
    this.#become(process, phase, 'snapshotLands', { ...landed, ...known, ...base }, snap);
  }

  /** Deletes that a process may have sent after its newest snapshot: they arrive in any order, also after it was fenced or died. */
  #collect(process: number): void {
    const top = this.#get(process, FIELD.ownTop);
    if (top === 0) return;
    const objects = this.#objects;
    const bucket = this.#bucket;
    const tail = this.#get(process, FIELD.tail);
    const to = objects.seq(top);
    const last = this.#off.has('I4') ? to : Math.min(to, objects.seq(tail) - 1);
    for (let seq = 1; seq <= last; seq += 1) {
      if (bucket.slot(this.#from, seq) === 0) continue;
      if (!this.#off.has('I2') && objects.isSeal(objects.ancestor(tail, seq))) continue;
      const next = this.#copy();
      bucket.setSlot(next, seq, 0);
      this.#emit(next, 'deleteSlot', process, seq);
    }
    const ownBase = this.#get(process, FIELD.ownBase);
    for (let place = this.#layout.snaps; place < this.#layout.slots; place += 1) {
      const id = at(this.#from, place);
      if (id === 0) continue;
      const { base, seq } = objects.entry(id);
      const olderBase = objects.seq(base === 0 ? id : base) < objects.seq(ownBase);
      if (!olderBase && (base === 0 || seq >= to)) continue;
      const next = this.#copy();
      next[place] = 0;
      this.#emit(next, 'deleteSnapshot', process, id);
    }
  }

  /** A PUT in the network is never used up: that is what duplicate delivery means. */
  #deliver(): void {
    const bucket = this.#bucket;
    for (let place = this.#layout.net; place < this.#layout.width; place += 1) {
      const id = at(this.#from, place);
      if (id === 0) continue;
      const next = this.#copy();
      if (this.#objects.isSnapshot(id)) {
        if (bucket.has(next, id) || bucket.nameTaken(next, id)) continue;
        next[bucket.placeOf(id)] = id;
      } else {
        const seq = this.#objects.seq(id);
        if (bucket.slot(next, seq) !== 0) continue;
        bucket.setSlot(next, seq, id);
      }
      this.#emit(next, 'lands', -1, id);
    }
  }

  #get(process: number, field: number): number {
    return at(this.#from, fieldAt(process, field));
  }

  #phase(process: number): number {
    return packed.phase(this.#get(process, FIELD.packed));
  }

  #copy(): Uint16Array {
    this.#next.set(this.#from);
    return this.#next;
  }

  #become(process: number, phase: number, action: Action, change: Change = {}, subject = 0): void {
    const next = this.#copy();
    const bucket = this.#bucket;
    if (change.sent !== undefined && !this.#send(next, change.sent)) return;
    const set = (field: number, value: number | undefined): void => {
      if (value !== undefined) next[fieldAt(process, field)] = value;
    };
    set(FIELD.packed, packed.withPhase(this.#get(process, FIELD.packed), phase) + (change.used ?? 0));
    set(FIELD.tail, change.tail);
    set(FIELD.frozen, change.frozen);
    set(FIELD.base, change.base);
    set(FIELD.snap, change.snap);
    set(FIELD.ownBase, change.ownBase);
    set(FIELD.ownTop, change.ownTop);
    if (change.slot !== undefined) bucket.setSlot(next, this.#objects.seq(change.slot), change.slot);
    if (change.stored !== undefined) next[bucket.placeOf(change.stored)] = change.stored;
    if (change.refused !== undefined) next[this.#layout.refused] = change.refused;
    if (change.ack !== undefined) next[this.#layout.acked] = this.#newest(change.ack);
    this.#forget(next, process, phase);
    this.#emit(next, action, process, subject);
  }

  /** Clears what can no longer matter, so that states which behave alike are one. */
  #forget(next: Uint16Array, process: number, phase: number): void {
    const clear = (field: number): void => {
      next[fieldAt(process, field)] = 0;
    };
    if (phase === PHASE.init) {
      clear(FIELD.tail);
      clear(FIELD.frozen);
      clear(FIELD.base);
    }
    if (phase < PHASE.fenced) return;
    next[fieldAt(process, FIELD.packed)] = phase;
    clear(FIELD.frozen);
    clear(FIELD.base);
    const collects = at(next, fieldAt(process, FIELD.ownTop)) !== 0;
    const mayCollect = phase === PHASE.fenced && at(next, fieldAt(process, FIELD.snap)) !== 0;
    if (!collects && !mayCollect) clear(FIELD.tail);
  }

  /** @returns false where the network is full or has it already */
  #send(next: Uint16Array, object: number): boolean {
    for (let place = this.#layout.net; place < this.#layout.width; place += 1) {
      if (at(next, place) === object) return false;
      if (at(next, place) !== 0) continue;
      next[place] = object;
      return true;
    }
    return false;
  }

  /** Acknowledged writes lie on one branch, so the newest stands for all of them. */
  #newest(acked: number): number {
    const before = at(this.#from, this.#layout.acked);
    if (before === BRANCHED) return BRANCHED;
    if (this.#objects.contains(acked, before)) return acked;
    return this.#objects.contains(before, acked) ? before : BRANCHED;
  }
}

interface Change {
  tail?: number;
  frozen?: number;
  base?: number;
  snap?: number;
  ownBase?: number;
  ownTop?: number;
  /** Bounds used up, as in `packed`. */
  used?: number;
  /** Written into its slot. */
  slot?: number;
  /** Snapshot that appears in the bucket. */
  stored?: number;
  /** PUT that stays in the network; the action is impossible when no more fit. */
  sent?: number;
  ack?: number;
  /** Its waiters are told that it is certainly not stored. */
  refused?: number;
}
