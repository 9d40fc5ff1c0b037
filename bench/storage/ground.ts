/** What the parts of the measurement share: one store, both ways to reach it, turns, and the shape of a row. */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openS3 } from '../../e2e/servers/s3-storage.ts';
import type { RunningServer } from '../../e2e/servers/server.ts';
import { ROOT_CREDENTIALS } from '../../e2e/servers/versitygw.ts';
import type { Bucket } from '../../src/ports/storage/storage.ts';
import { median, type Row } from '../report.ts';

export const BUCKET = 'cmbcluster-bench';
export const SDK = '@aws-sdk/client-s3';

export interface Sides {
  ours: Bucket;
  /** As its documentation makes one: nothing but endpoint and credentials are set. */
  sdk: S3Client;
  close(): Promise<void>;
}

export interface Ground {
  server: RunningServer;
  sides: Sides;
  /** Scratch folder; removed at the end, whatever is in it. */
  folder: string;
  /** 1 for real figures. */
  scale: number;
  note: (text: string) => void;
}

export async function connectSides(server: RunningServer): Promise<Sides> {
  const storage = await openS3(server.url, ROOT_CREDENTIALS);
  const sdk = new S3Client({
    region: 'us-east-1',
    endpoint: server.url,
    forcePathStyle: true,
    credentials: ROOT_CREDENTIALS,
  });
  await sdk.send(new CreateBucketCommand({ Bucket: BUCKET }));
  return {
    ours: storage.bucket(BUCKET),
    sdk,
    async close() {
      sdk.destroy();
      await storage.close();
    },
  };
}

export interface Turns<Name extends string> {
  sides: Record<Name, (round: number) => Promise<number>>;
  /** Counted ones. */
  rounds: number;
  /** After this no further round begins, but at least three are counted. */
  withinMs: number;
  /** A first round that does not count: until everything is compiled, on all sides. */
  warmUp?: boolean;
  note: (text: string) => void;
}

const LEAST_ROUNDS = 3;

/** All sides in each round, in turned order every second time. @returns what each of them gave, by round */
export async function inTurns<Name extends string>(turns: Turns<Name>): Promise<Record<Name, number[]>> {
  const { sides, rounds, withinMs, warmUp = false, note } = turns;
  const names = Object.keys(sides) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  const end = performance.now() + withinMs;
  for (let round = warmUp ? -1 : 0; round < rounds; round += 1) {
    if (round >= LEAST_ROUNDS && performance.now() > end) break;
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await sides[name](round);
      if (round >= 0) values[name].push(value);
    }
    note('.');
  }
  note('\n');
  return values;
}

/** Of each round by itself: what slows a round slows both sides. */
export function ratioOf(ours: readonly number[], peer: readonly number[]): number {
  return median(ours.map((value, round) => value / (peer[round] ?? Number.NaN)));
}

/** ours beside a peer of the same rounds; `within` says whether the ratio is good enough. */
export function beside(
  measure: string,
  { ours, peer, peerName, unit }: { ours: readonly number[]; peer: readonly number[]; peerName: string; unit: string },
  goal: { text: string; within: (ratio: number) => boolean },
): Row {
  const ratio = ratioOf(ours, peer);
  return {
    measure,
    ours: median(ours),
    peer: median(peer),
    peerName,
    ratio,
    unit,
    goal: goal.text,
    ok: goal.within(ratio),
  };
}

export const atLeast = (part: number) => ({ text: `≥ ${part} × peer`, within: (ratio: number) => ratio >= part });
/** A figure beside which ours is told, and not judged. */
export const FOR_SCALE = { text: 'for scale', within: () => true };
export const atMost = (part: number) => ({ text: `≤ ${part} × peer`, within: (ratio: number) => ratio <= part });

export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** `count` calls, `width` of them at once. */
export async function atOnce(count: number, width: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** 1,024 → `1 KiB`. */
export function size(bytes: number): string {
  const step = bytes >= 2 ** 30 ? 30 : bytes >= 2 ** 20 ? 20 : 10;
  const unit = { 30: 'GiB', 20: 'MiB', 10: 'KiB' }[step];
  return `${Number((bytes / 2 ** step).toPrecision(3))} ${unit}`;
}
