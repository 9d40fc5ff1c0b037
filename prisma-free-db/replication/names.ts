/**
 * Keys of the log's objects (format document, section 4). Slots are 16 lower-case hex digits, so that byte order is their order. A key
 * below the prefix that is no such name belongs to nobody: it is neither read nor deleted.
 */

export interface LogKeys {
  /** The prefix with its slash; empty for a bucket of its own. */
  readonly root: string;
  readonly logPrefix: string;
  readonly basePrefix: string;
  readonly diffPrefix: string;
  readonly lease: string;
  log(seq: number): string;
  base(to: number): string;
  diff(base: number, to: number): string;
  /** Slot of a log key, null for any other. */
  seqOf(key: string): number | null;
  baseOf(key: string): number | null;
  diffOf(key: string): { base: number; to: number } | null;
}

/** @param prefix folder of this database, such as `control/db`; empty for none @throws RangeError for one that no store takes alike */
export function logKeys(prefix: string): LogKeys {
  if (prefix !== '' && !/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(prefix))
    throw new RangeError(`not usable as a prefix: ${JSON.stringify(prefix)}`);
  const root = prefix === '' ? '' : `${prefix}/`;
  const logPrefix = `${root}log/`;
  const basePrefix = `${root}base/`;
  const diffPrefix = `${root}diff/`;
  return {
    root,
    logPrefix,
    basePrefix,
    diffPrefix,
    lease: `${root}lease.json`,
    log: (seq) => logPrefix + hexOf(seq),
    base: (to) => basePrefix + hexOf(to),
    diff: (base, to) => `${diffPrefix}${hexOf(base)}-${hexOf(to)}`,
    seqOf: (key) => numberIn(logPrefix, key),
    baseOf: (key) => numberIn(basePrefix, key),
    diffOf: (key) => {
      if (!key.startsWith(diffPrefix)) return null;
      const [base, to, rest] = key.slice(diffPrefix.length).split('-');
      if (base === undefined || to === undefined || rest !== undefined) return null;
      const pair = { base: parsed(base), to: parsed(to) };
      return pair.base === null || pair.to === null || pair.base >= pair.to ? null : { base: pair.base, to: pair.to };
    },
  };
}

function hexOf(seq: number): string {
  if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`no slot: ${seq}`);
  return seq.toString(16).padStart(16, '0');
}

const EXACT = /^[0-9a-f]{16}$/;

function parsed(digits: string): number | null {
  if (!EXACT.test(digits)) return null;
  const value = Number.parseInt(digits, 16);
  return Number.isSafeInteger(value) && value >= 1 ? value : null;
}

const numberIn = (prefix: string, key: string): number | null =>
  key.startsWith(prefix) ? parsed(key.slice(prefix.length)) : null;
