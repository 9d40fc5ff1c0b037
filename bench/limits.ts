/** What the rate limiter costs a call, and its memory, while a million addresses come by once and again. */
import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ADDRESS_PLACES } from '../src/api/limits.ts';
import { createTokenBuckets } from '../src/api/token-buckets.ts';
import { DEFAULT_RATE_LIMITS } from '../src/domain/rate-limit.ts';
import { machine, median, type Report } from './report.ts';

const ROUNDS = 5;
const ADDRESSES = 1_000_000;
const MOST_MICROS = 2;
const MOST_MIB = 8;
const MIB = 1024 * 1024;

const addressOf = (i: number): string => `sign-in ${10 + (i >>> 24)}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function held(): number {
  collect();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return heapUsed + arrayBuffers;
}

export async function run(): Promise<Report> {
  const budget = DEFAULT_RATE_LIMITS['sign-in'];
  if (!budget) throw new Error('the limit is off');
  const keys = Array.from({ length: ADDRESSES }, (_, i) => addressOf(i));
  let now = 1_000_000_000_000;
  // The first reading of a key lays its text out anew: that memory is not the table's.
  const first = createTokenBuckets(8, () => now);
  for (const key of keys) first.take(key, budget.address, 1);
  const before = held();
  const buckets = createTokenBuckets(ADDRESS_PLACES, () => now);
  const plain = new Map<string, { tokens: number; at: number }>();
  const micros = (call: (key: string) => unknown): number => {
    const { user, system } = process.cpuUsage();
    for (const key of keys) call(key);
    const after = process.cpuUsage({ user, system });
    return (after.user + after.system) / ADDRESSES;
  };
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    now += 1;
    ours.push(micros((key) => buckets.take(key, budget.address, 1)));
  }
  const oursMiB = (held() - before) / MIB;
  const start = held();
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) peer.push(micros((key) => plain.set(key, { tokens: 1, at: now })));
  const peerMiB = (held() - start) / MIB;
  const beside = 'a map of all addresses';
  const [cpu, floor] = [median(ours), median(peer)];
  return {
    name: 'limits',
    machine: machine(),
    rows: [
      {
        ...{
          measure: 'Take a token, 1,000,000 addresses',
          ours: cpu,
          peer: floor,
          peerName: beside,
          ratio: cpu / floor,
        },
        ...{ unit: 'CPU µs', goal: `≤ ${MOST_MICROS} µs`, ok: cpu <= MOST_MICROS },
      },
      {
        ...{ measure: 'Memory after them', ours: oursMiB, peer: peerMiB, peerName: beside, ratio: oursMiB / peerMiB },
        ...{ unit: 'MiB', goal: `≤ ${MOST_MIB} MiB`, ok: oursMiB <= MOST_MIB },
      },
    ],
  };
}
