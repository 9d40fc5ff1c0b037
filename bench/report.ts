/** What every measurement under bench/ exports and returns: `run({ json })` → Report. `run.ts` prints and stores it. */
import { cpus } from 'node:os';

export interface Row {
  measure: string;
  ours: number;
  /** The peer or floor of the same run; null where there is none. */
  peer: number | null;
  peerName: string;
  /** ours / peer. Machines are noisy: ratios decide. */
  ratio: number | null;
  unit: string;
  /** For people: `≤ 0.65 × CHP`. */
  goal: string;
  ok: boolean;
}

export interface Report {
  name: string;
  machine: string;
  rows: Row[];
}

export interface RunOptions {
  json: boolean;
}

export function machine(): string {
  const list = cpus();
  return `${list.length} × ${list[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Nearest rank. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
