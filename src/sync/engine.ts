/**
 * Keeps a folder and a bucket in step: fetches the bucket once, then goes in rounds (the bucket's changes, a look at the folder,
 * the folder's changes) until it is told to stop, and ends with rounds that send what is left. Started by main.ts; opens and
 * closes nothing outside its state folder. No file is watched: a look costs a few microseconds per file and misses nothing.
 */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAppError } from '../domain/errors.ts';
import type { WorkspaceSync } from '../domain/workspace-sync.ts';
import type { Logger } from '../ports/provider.ts';
import type { Bucket } from '../ports/storage/storage.ts';
import { identityOf } from './folder-identity.ts';
import { IGNORE_FILE, type Ignores, ignoresNothing, parseIgnores } from './ignore.ts';
import { Index } from './index-file.ts';
import { giveBack } from './place.ts';
import { pull, pullFolders } from './pull.ts';
import { push } from './push.ts';
import { createReport } from './report.ts';
import { scanTree, type Tree } from './scan.ts';
import { openStaging } from './staging.ts';
import type { Workspace } from './workspace.ts';

export interface SyncOptions {
  bucket: Bucket;
  /** Names provider and bucket: what is known of one bucket must not be believed of another. */
  bucketId: string;
  /** Absolute path of the folder to keep; it exists. */
  root: string;
  /** Folder of the program's own, on the same file system as `root` if possible. One program at a time. */
  stateFolder: string;
  /** At least that long between two looks at the folder. */
  roundMs: number;
  /** At least that long between two looks at the bucket. */
  pullMs: number;
  /** Transfers at once. */
  width: number;
  publish: (state: WorkspaceSync) => void;
  /** Called once, when the folder holds what the bucket holds. */
  onRestored: () => void;
  now: () => number;
  /** 0..1, for jitter. */
  random: () => number;
  log: Logger;
}

/** A look takes at most a twentieth of one processor. */
const LOOK_SHARE = 20;
/** What disappeared is looked for once more before it is removed from the bucket: it may have been moved while we looked. */
const SECOND_LOOK_MS = 200;
const BACKOFF_MS = { first: 1_000, most: 60_000 };
/** A file that changes all the time is sent at most every so many times as long as it takes. */
const REST_FACTOR = 5;
/** What takes less is sent whenever it changes. */
const REST_FROM_MS = 1_000;
const PEN_MS = 60_000;

/** @returns the last state: nothing pending means that everything is in the bucket */
export async function syncUntil(
  options: SyncOptions,
  /** `stop` ends the rounds and begins the last ones, `abort` gives up. */
  signals: { stop: AbortSignal; abort: AbortSignal },
): Promise<WorkspaceSync> {
  const engine = new Engine(options);
  try {
    return await engine.run(signals);
  } finally {
    engine.close();
  }
}

class Engine {
  readonly #options: SyncOptions;
  readonly #workspace: Workspace;
  readonly #restUntil = new Map<string, number>();
  readonly #met = new Set<string>();
  #missing = new Set<string>();
  #scans = 0;
  /** null before the first listing. */
  #pulledAt: number | null = null;
  #pullTook = 0;
  #pullSoon = false;
  #foldersPulled = false;

  constructor(options: SyncOptions) {
    this.#options = options;
    const { bucket, root, stateFolder, width, now, log } = options;
    const staging = openStaging(root, stateFolder, now);
    this.#workspace = {
      bucket,
      root,
      index: new Index(join(stateFolder, 'index.jsonl'), `${options.bucketId} ${identityOf(root)}`),
      staging,
      report: createReport(options.publish),
      width,
      now,
      log,
    };
  }

  async run({ stop, abort }: { stop: AbortSignal; abort: AbortSignal }): Promise<WorkspaceSync> {
    const { report } = this.#workspace;
    const { onRestored } = this.#options;
    let failures = 0;
    const attempt = async (round: () => Promise<number>): Promise<number> => {
      try {
        const pause = await round();
        failures = 0;
        return pause;
      } catch (error) {
        if (abort.aborted) return 0;
        failures += 1;
        this.#tell(error);
        const { first, most } = BACKOFF_MS;
        return Math.min(most, first * 2 ** (failures - 1)) * (0.5 + this.#options.random() / 2);
      }
    };
    report.phase('restoring');
    await this.#checkFolder();
    while (!stop.aborted && this.#pulledAt === null) {
      const pause = await attempt(async () => {
        await this.#pull(AbortSignal.any([stop, abort]));
        report.problem(null);
        return 0;
      });
      if (pause > 0) await pauseFor(pause, stop);
    }
    if (!stop.aborted) {
      report.phase('syncing');
      report.flush();
      onRestored();
    }
    while (!stop.aborted) await pauseFor(await attempt(() => this.#round(abort)), stop);
    report.phase('flushing');
    // What was never restored holds nothing of anybody yet.
    let restored = this.#pulledAt !== null || this.#workspace.index.size > 0;
    while (restored && !abort.aborted) {
      const pause = await attempt(async () => {
        const tree = await this.#send(abort, { hurry: true });
        restored = tree.changed.length + tree.missing.length + tree.missingFolders.length > 0;
        return restored ? SECOND_LOOK_MS : 0;
      });
      if (restored) await pauseFor(Math.min(pause, BACKOFF_MS.first), abort);
    }
    report.phase('ended');
    report.flush();
    return report.current();
  }

  close(): void {
    this.#workspace.index.close();
    this.#workspace.staging.close();
  }

  /** @returns how long to wait for the next one */
  async #round(signal: AbortSignal): Promise<number> {
    const { roundMs, pullMs } = this.#options;
    await giveBack(this.#workspace, PEN_MS);
    const since = performance.now() - (this.#pulledAt ?? Number.NEGATIVE_INFINITY);
    if (this.#pullSoon || since >= Math.max(pullMs, LOOK_SHARE * this.#pullTook)) await this.#pull(signal);
    const started = performance.now();
    const before = this.#scans;
    let looked = 0;
    const tree = await this.#send(signal, { hurry: false, onLooked: () => (looked = performance.now() - started) });
    if (this.#scans > before && tree.missing.some((path) => this.#missing.has(path))) return SECOND_LOOK_MS;
    return Math.max(roundMs, LOOK_SHARE * looked);
  }

  async #pull(signal: AbortSignal): Promise<void> {
    const { index } = this.#workspace;
    const started = performance.now();
    this.#pullSoon = false;
    const round = { ignores: this.#ignores(), signal };
    const { met } = await pull(this.#workspace, round);
    // The ignore list may have come with it.
    if (!this.#foldersPulled) await pullFolders(this.#workspace, { ...round, ignores: this.#ignores() });
    this.#foldersPulled = true;
    for (const key of this.#met) if (index.get(key)) this.#met.delete(key);
    for (const key of met) this.#met.add(key);
    this.#pulledAt = performance.now();
    this.#pullTook = this.#pulledAt - started;
  }

  async #send(signal: AbortSignal, { hurry, onLooked }: { hurry: boolean; onLooked?: () => void }): Promise<Tree> {
    const { index, report, root, staging, now } = this.#workspace;
    const ignores = this.#ignores();
    this.#scans += 1;
    const tree = await scanTree({
      root,
      index,
      ignores,
      ownFolder: staging.ownFolder,
      scan: this.#scans,
      now,
      signal,
    });
    onLooked?.();
    report.looked(tree);
    const failure = await push(this.#workspace, tree, {
      ignores,
      signal,
      met: this.#met,
      longMissing: this.#missing,
      isDue: (path) => hurry || (this.#restUntil.get(path) ?? 0) <= performance.now(),
      sent: (path, durationMs) => this.#rest(path, durationMs),
      surprised: () => {
        this.#pullSoon = true;
      },
    });
    this.#missing = new Set(tree.missing.filter((path) => index.get(path)));
    report.problem(failure?.message ?? null);
    return tree;
  }

  #rest(path: string, durationMs: number): void {
    const until = performance.now() + REST_FACTOR * durationMs;
    if (durationMs > REST_FROM_MS) this.#restUntil.set(path, until);
    else this.#restUntil.delete(path);
  }

  #ignores(): Ignores {
    try {
      return parseIgnores(readFileSync(join(this.#workspace.root, IGNORE_FILE), 'utf8'));
    } catch {
      return ignoresNothing;
    }
  }

  /** A folder that is empty although it was not was emptied behind our back, or is another one: nobody meant to empty the bucket. */
  async #checkFolder(): Promise<void> {
    const { index, root, staging } = this.#workspace;
    const names = await readdir(root);
    if (index.size === 0 || names.some((name) => name !== staging.ownFolder)) return;
    for (const [path] of [...index.paths()]) index.delete(path);
    for (const [folder] of [...index.folders()]) index.deleteFolder(folder);
  }

  #tell(error: unknown): void {
    const { report, log } = this.#workspace;
    const { code, message } = error as NodeJS.ErrnoException;
    report.problem(
      isAppError(error) ? error.message : `The workspace could not be read or written (${code ?? message}).`,
    );
    log.warn('A round ended early and is tried again', {
      code,
      error: String(error),
      cause: String((error as Error).cause ?? ''),
    });
  }
}

async function pauseFor(ms: number, until: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: until }).catch(() => undefined);
}
