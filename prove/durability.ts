/**
 * Whether the control plane loses what it acknowledged: the model of the log's protocol, then real processes that are killed at random
 * and at every named step on a folder and on real servers of both clouds, with stores that fail; then the same with one rule after the other
 * taken away in a copy of the tree, where something must be lost, or the violence would prove nothing.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOG_GROUNDS } from '../e2e/servers/log-grounds.ts';
import { search } from '../prisma-free-db/replication/model/search.ts';
import type { Bounds } from '../prisma-free-db/replication/model/state.ts';
import { readConfig } from '../src/boot/config.ts';
import { openLogBucket } from '../src/boot/database/open-log.ts';
import { prove as proveModel, visited } from './durability-model.ts';
import { harmed, type Kind, newTally, type Place, Rounds } from './durability-rounds.ts';
import { LOG_WEAKENINGS, type LogWeakening } from './durability-weakenings.ts';

/** Kills when nobody says how many. */
export const KILLS = 1_000;

/** From here on it is more than a check of every change: all servers, the large model, and the weakenings. */
const THOROUGH = 200;
/** Named steps come most often: there are 24 of them. */
const KINDS: readonly Kind[] = [
  'point',
  'random',
  'point',
  'overlap',
  'point',
  'random',
  'point',
  'sleeper',
  'point',
  'handover',
];
const KILLS_OF_A_WEAKENING = 60;
const SMALL_MODEL: readonly Bounds[] = [
  { processes: 2, seals: 1, appends: 2, snapshots: 2, delayed: 0 },
  { processes: 2, seals: 1, appends: 1, snapshots: 1, delayed: 1 },
];
const COPIED = ['prove', 'src', 'prisma-free-db', 'package.json', 'tsconfig.json'];
const ROOT = join(import.meta.dirname, '..');
const quiet = { info() {}, warn() {}, error() {} };

const tally = newTally();
let states = 0;
let caught = 0;
let weakened = 0;

/** What the proof has to say of itself, whether it held or not. */
export const held = (): string =>
  `${states} states, ${tally.kills} kills, ${tally.acknowledged} acknowledged, ${tally.lost.length} lost, ${tally.branches.length} branches` +
  ` (${tally.points.size} of 24 named steps, ${caught} of ${weakened} weakenings caught)`;

/** @returns what did not hold; empty = all did */
export async function prove({ kills, minutes }: { kills: number; minutes: number | null }): Promise<string[]> {
  const endAt = minutes === null ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000;
  const isThorough = kills >= THOROUGH;
  const broken = await visitModel(isThorough);
  const places = await openPlaces(isThorough);
  try {
    for (const [index, { place }] of places.entries()) {
      const share = Math.ceil((kills - tally.kills) / (places.length - index));
      const until = performance.now() + (endAt - performance.now()) / (places.length - index);
      await new Rounds(place, { kinds: KINDS }, tally).run(share, () => performance.now() > until);
      process.stderr.write(`${place.name}: ${held()}\n`);
    }
    if (isThorough) broken.push(...(await weakenAll()));
  } finally {
    for (const { stop } of places) await stop(harmed(tally) > 0);
  }
  return [...broken, ...tally.lost, ...tally.branches, ...tally.broken, ...tally.failed];
}

/** Every order of steps, within bounds that take seconds or, for a thorough proof, a minute. */
async function visitModel(isThorough: boolean): Promise<string[]> {
  if (isThorough) {
    const broken = await proveModel();
    states = visited();
    return broken;
  }
  return SMALL_MODEL.flatMap((bounds) => {
    const result = search(bounds);
    states += result.states;
    return result.counterexample ? [`the model: ${result.counterexample.steps.join(', ')}`] : [];
  });
}

interface OpenPlace {
  readonly place: Place;
  /** @param keep what lies there shows what went wrong */
  readonly stop: (keep?: boolean) => Promise<void>;
}

/** A folder of this machine, an S3 server and, for a thorough proof, a Cloud Storage server. */
async function openPlaces(isThorough: boolean): Promise<OpenPlace[]> {
  const servers = LOG_GROUNDS.filter(({ name }) => name.startsWith('S3') || (isThorough && name.includes('fake-gcs')));
  const places = [onThisMachine()];
  for (const { name, start } of servers) {
    const ground = await start();
    places.push({ place: { name, env: ground.env, open: (env) => ground.open(env) }, stop: () => ground.stop() });
  }
  return places;
}

function onThisMachine(): OpenPlace {
  const folder = mkdtempSync(join(tmpdir(), 'cmb-prove-log-'));
  const env = {
    CMBCLUSTER_DATA: join(folder, 'data'),
    DATABASE_FOLDER: join(folder, 'log'),
    SECRET_KEY: 'a secret that nobody else has; for proofs',
  };
  return {
    place: {
      name: 'a folder',
      env,
      open: (variables) => {
        const all = { ...env, ...variables };
        return openLogBucket(readConfig(all), { env: all, log: quiet, now: Date.now });
      },
    },
    stop: async (keep = false) => {
      if (keep) process.stderr.write(`the log lies in ${folder}\n`);
      else rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** @returns the weakenings that nothing came of */
async function weakenAll(): Promise<string[]> {
  const tree = mkdtempSync(join(tmpdir(), 'cmb-prove-weak-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(tree, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    const unnoticed: string[] = [];
    for (const weakening of LOG_WEAKENINGS) {
      weakened += 1;
      const problem = await weaken(tree, weakening);
      if (problem === null) caught += 1;
      else unnoticed.push(`${weakening.what}: ${problem}`);
    }
    return unnoticed;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** @returns null when something was lost */
async function weaken(tree: string, { what, changes, wishes }: LogWeakening): Promise<string | null> {
  const originals = new Map(changes.map(({ file }) => [file, readFileSync(join(tree, file), 'utf8')]));
  const { place, stop } = onThisMachine();
  const own = newTally();
  try {
    for (const { file, from, to } of changes) {
      const text = readFileSync(join(tree, file), 'utf8');
      if (text.split(from).length !== 2) return `${file} does not hold the text to weaken exactly once`;
      writeFileSync(
        join(tree, file),
        text.replace(from, () => to),
      );
    }
    await new Rounds(place, { ...wishes, tree }, own).run(KILLS_OF_A_WEAKENING, () => harmed(own) > 0);
  } finally {
    for (const [file, text] of originals) writeFileSync(join(tree, file), text);
    await stop();
  }
  const [first = own.failed[0] ?? 'nothing was lost'] = [...own.lost, ...own.branches, ...own.broken];
  const isCaught = harmed(own) > 0;
  process.stdout.write(`${isCaught ? '✓' : '✗'} ${what}: ${first} (${own.kills} kills)\n`);
  return isCaught ? null : `nothing came of it in ${own.kills} kills`;
}
