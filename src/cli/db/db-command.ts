/** One `db` command: what it takes, and what it does with an opened log. The table of them is in ../db.ts. */
import type { LogSession } from '../../boot/database/session.ts';

/** What a command found or did, for programs and for people. */
export interface Outcome {
  /** One JSON object with `--json`. */
  readonly json: object;
  /** Lines for people. */
  readonly text: readonly string[];
  /** Exit code; left out: 0. */
  readonly code?: number;
}

export interface Given {
  /** Options with a value, without their dashes. */
  readonly values: Readonly<Record<string, string>>;
  readonly flags: ReadonlySet<string>;
  /** What is no option. */
  readonly words: readonly string[];
}

export interface DbCommand {
  readonly summary: string;
  /** Behind the name, for the help. */
  readonly usage: string;
  /** Names of options that take a value, and of those that take none. */
  readonly values?: readonly string[];
  readonly flags?: readonly string[];
  /** How many words it takes: the least and the most. */
  readonly words?: readonly [least: number, most: number];
  /** Whether it writes to the log. */
  readonly leads?: boolean;
  /** @throws WrongUse */
  run(session: LogSession, given: Given): Promise<Outcome>;
}

/** The command was not understood; nothing was done. */
export class WrongUse extends Error {}

export const bytesText = (bytes: number): string =>
  bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const pointText = ({ seq, at }: { seq: number; at: string | null }): string =>
  at === null ? `slot ${seq}` : `slot ${seq} of ${at}`;
