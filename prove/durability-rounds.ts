/**
 * Rounds of violence against real processes on one bucket (a folder, or a real server): kills at random and at every named step, several
 * leaders at once, sleepers that wake after they were replaced. After each round everybody is dead, their disks are gone, and what
 * they told is compared with what the bucket holds.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CrashPoint, CrashStep } from '../prisma-free-db/replication/crash-points.ts';
import type { Env } from '../src/boot/config.ts';
import type { DatabaseLog } from '../src/boot/database/open-log.ts';
import { examine, type Findings } from './durability-check.ts';
import type { Order } from './durability-program.ts';

const STEPS: Readonly<Record<CrashStep, number>> = {
  // How often each step comes in a short life: the process dies in one of the first so many.
  ...{ commit: 30, freeze: 20, put: 12, release: 12, list: 6, lease: 2, seal: 1, drain: 1 },
  ...{ checkpoint: 2, arm: 2, snapshot: 2, delete: 12 },
};
const POINTS: readonly CrashPoint[] = Object.keys(STEPS).flatMap((step) => [
  `before ${step as CrashStep}` as const,
  `after ${step as CrashStep}` as const,
]);

const LONGEST_START_MS = 30_000;
const LONGEST_LIFE_MS = 4_000;
const OVERTAKEN_MS = 2_500;
/** A log that grows for ever would make every restore slower than the one before. */
const ROUNDS_OF_A_LOG = 40;

export type Kind = 'random' | 'point' | 'overlap' | 'sleeper' | 'handover';

export interface Place {
  readonly name: string;
  readonly env: Env;
  open(variables: Env): Promise<DatabaseLog>;
}

export interface Wishes {
  /** What happens, in turn. */
  readonly kinds: readonly Kind[];
  readonly faults?: number;
  readonly refusedSnapshots?: number;
  readonly foreignCheckpoints?: boolean;
  readonly ttlMs?: number;
  /** Longest life of one that is killed at random, milliseconds. */
  readonly lifeMs?: number;
  /** Tree whose program runs; absent: this one. */
  readonly tree?: string;
}

export interface Tally {
  kills: number;
  rounds: number;
  acknowledged: number;
  lost: string[];
  branches: string[];
  broken: string[];
  /** Processes that ended by a fault of their own. */
  failed: string[];
  /** Named steps at which a process died. */
  points: Set<CrashPoint>;
  triedPoints: number;
}

export const newTally = (): Tally => ({
  ...{ kills: 0, rounds: 0, acknowledged: 0, triedPoints: 0 },
  ...{ lost: [], branches: [], broken: [], failed: [], points: new Set<CrashPoint>() },
});

export const harmed = ({ lost, branches, broken }: Tally): number => lost.length + branches.length + broken.length;

let logs = 0;

export class Rounds {
  readonly #place: Place;
  readonly #wishes: Wishes;
  readonly #tally: Tally;
  readonly #folder = mkdtempSync(join(tmpdir(), 'cmb-prove-durability-'));
  #log: DatabaseLog | null = null;
  #prefix = '';
  #ofThisLog = 0;
  #acknowledged = 0;
  #running: ChildProcess[] = [];
  #spare: ChildProcess | null = null;

  constructor(place: Place, wishes: Wishes, tally: Tally) {
    this.#place = place;
    this.#wishes = wishes;
    this.#tally = tally;
  }

  /** Goes on until so many were killed, or `enough`. */
  async run(kills: number, enough: () => boolean): Promise<void> {
    const target = this.#tally.kills + kills;
    try {
      for (let round = 0; this.#tally.kills < target && !enough(); round += 1) {
        if (this.#ofThisLog === 0 || this.#ofThisLog >= ROUNDS_OF_A_LOG) await this.#begin();
        const { kinds } = this.#wishes;
        const kind = kinds[round % kinds.length] ?? 'random';
        await this.#round(kind);
        await this.#examine(kind);
      }
    } finally {
      for (const child of [...this.#running, ...(this.#spare ? [this.#spare] : [])]) child.kill('SIGKILL');
      await this.#log?.close();
      const isEvidence = harmed(this.#tally) > 0 && this.#wishes.tree === undefined;
      if (isEvidence) process.stderr.write(`what was told stands in ${this.#folder}\n`);
      else rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  get #journal(): string {
    return join(this.#folder, `${this.#prefix}.journal`);
  }

  async #begin(): Promise<void> {
    await this.#log?.close();
    logs += 1;
    this.#prefix = `proof-${logs}`;
    this.#log = await this.#place.open({ DATABASE_PREFIX: this.#prefix });
    this.#ofThisLog = 0;
    this.#acknowledged = 0;
  }

  async #round(kind: Kind): Promise<void> {
    this.#ofThisLog += 1;
    this.#tally.rounds += 1;
    if (kind === 'point') return this.#atPoint();
    if (kind === 'overlap') return this.#overlap();
    if (kind === 'sleeper') return this.#sleeper();
    if (kind === 'handover') return this.#handover();
    const child = await this.#start();
    await this.#leads(child);
    await this.#live(child, 100 + Math.random() * (this.#wishes.lifeMs ?? 1_200));
    await this.#end();
  }

  async #atPoint(): Promise<void> {
    const point = POINTS[this.#tally.triedPoints % POINTS.length] ?? 'before put';
    this.#tally.triedPoints += 1;
    const step = point.split(' ')[1] as CrashStep;
    const child = await this.#start({ crash: { point, nth: 1 + Math.floor(Math.random() * STEPS[step]) } });
    const isAlive = await this.#leads(child);
    if (isAlive && step === 'drain') child.kill('SIGTERM');
    if (isAlive) await this.#live(child, LONGEST_LIFE_MS);
    if (child.signalCode === 'SIGKILL') this.#tally.points.add(point);
    await this.#end();
  }

  /** Two or three that all want to lead. */
  async #overlap(): Promise<void> {
    const count = Math.random() < 0.5 ? 2 : 3;
    let last: ChildProcess | null = null;
    for (let each = 0; each < count; each += 1) {
      last = await this.#start();
      await delay(Math.random() * 500);
    }
    // Who was overtaken follows, and waits for a lease.
    if (last) await heard(last, 'leads', OVERTAKEN_MS);
    await delay(Math.random() * 800);
    await this.#end();
  }

  /** One that is stopped, replaced, and wakes when its successor has collected the log behind its own slots. */
  async #sleeper(): Promise<void> {
    const sleeper = await this.#start();
    await this.#leads(sleeper);
    await this.#live(sleeper, 200 + Math.random() * 400);
    sleeper.kill('SIGSTOP');
    const successor = await this.#start();
    await this.#leads(successor);
    await this.#live(successor, 500 + Math.random() * 1_000);
    // Sometimes nobody disturbs the one that wakes.
    if (Math.random() < 0.5) await this.#kill(successor);
    sleeper.kill('SIGCONT');
    await this.#live(sleeper, 400);
    await this.#end();
  }

  async #handover(): Promise<void> {
    const first = await this.#start();
    await this.#leads(first);
    await this.#live(first, 200 + Math.random() * 400);
    const second = this.#start();
    first.kill('SIGTERM');
    await this.#leads(await second);
    await this.#live(await second, Math.random() * 500);
    await this.#end();
  }

  async #start(change: Partial<Order> = {}): Promise<ChildProcess> {
    const child = this.#spare ?? this.#fork();
    this.#spare = this.#fork();
    this.#running.push(child);
    const { faults = 0.08, refusedSnapshots = 0.05, foreignCheckpoints = Math.random() < 0.1 } = this.#wishes;
    const order: Order = {
      ...{ faults, refusedSnapshots, foreignCheckpoints, crash: null },
      env: { ...this.#place.env, DATABASE_PREFIX: this.#prefix },
      dir: mkdtempSync(join(this.#folder, 'disk-')),
      journal: this.#journal,
      clients: 1 + Math.floor(Math.random() * 12),
      ttlMs: this.#wishes.ttlMs ?? (Math.random() < 0.5 ? 10_000 : 1_500),
      ...change,
    };
    await heard(child, 'ready');
    child.send(order);
    return child;
  }

  /** Most of a start is loading code: one process is always loaded in advance. */
  #fork(): ChildProcess {
    const program = join(this.#wishes.tree ?? join(import.meta.dirname, '..'), 'prove/durability-program.ts');
    const child = fork(program, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    child.on('message', (word) => said.set(child, new Set([...(said.get(child) ?? []), String(word)])));
    return child;
  }

  /** False: it died before, or never came to lead, which is a fault. */
  async #leads(child: ChildProcess): Promise<boolean> {
    const leads = await heard(child, 'leads');
    if (!leads && !isEnded(child))
      this.#tally.failed.push(`in ${this.#place.name} a process did not lead in ${LONGEST_START_MS / 1_000} s`);
    return leads;
  }

  /** For so long, or until it ends by itself. */
  async #live(child: ChildProcess, ms: number): Promise<void> {
    const stop = new AbortController();
    const time = delay(ms, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([time, ended(child)]);
    stop.abort();
  }

  async #kill(child: ChildProcess): Promise<void> {
    if (!isEnded(child)) child.kill('SIGKILL');
    await ended(child);
  }

  async #end(): Promise<void> {
    const all = this.#running.splice(0);
    // One after another: those who live on a little longer go on working.
    for (const child of all) {
      await this.#kill(child);
      if (child.signalCode === 'SIGKILL') this.#tally.kills += 1;
      else if (child.exitCode === 4) this.#tally.failed.push(`a process failed in ${this.#place.name}`);
      await delay(Math.random() * 30);
    }
  }

  async #examine(kind: Kind): Promise<void> {
    if (!this.#log) return;
    const { acknowledged, lost, branches, broken }: Findings = await examine(this.#log, this.#journal);
    const where = `${this.#place.name}, round ${this.#tally.rounds} (${kind})`;
    this.#tally.acknowledged += acknowledged - this.#acknowledged;
    this.#acknowledged = acknowledged;
    this.#tally.lost.push(...lost.map((line) => `${where}: ${line}`));
    this.#tally.branches.push(...branches.map((epoch) => `${where}: epoch ${epoch} is on a branch of its own`));
    this.#tally.broken.push(...broken.map((line) => `${where}: ${line}`));
    // What was lost stays lost: the next rounds tell of others.
    if (lost.length + branches.length + broken.length > 0) this.#ofThisLog = 0;
  }
}

/** Words that a process has sent so far. */
const said = new WeakMap<ChildProcess, ReadonlySet<string>>();

const isEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function ended(child: ChildProcess): Promise<void> {
  if (!isEnded(child)) await once(child, 'exit');
}

/** Waits for a word of the process; false when it ended before, or the time is up. */
async function heard(child: ChildProcess, word: string, patienceMs = LONGEST_START_MS): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await delay(5)) {
    if (said.get(child)?.has(word)) return true;
    if (isEnded(child)) return false;
  }
  return false;
}
