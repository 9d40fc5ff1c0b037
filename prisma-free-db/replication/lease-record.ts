/** The lease object (format document, section 11): a hint who leads and where, and the last slot known to be durable. */

export interface LeaseRecord {
  readonly epoch: number;
  /** Identity of the process; never the same twice. */
  readonly owner: string;
  /** Where followers reach it. */
  readonly url: string;
  /** A slot that was durable when this was written. */
  readonly seq: number;
  /** Counts writes, so that no two leases have equal bytes (some etags are digests of the content). */
  readonly n: number;
  /** The leader is done: a successor need not wait. */
  readonly released?: true;
  /** Owner of a newer instance that asks for a handover. */
  readonly want?: string;
}

export const encodeLease = (lease: LeaseRecord): Uint8Array => Buffer.from(`${JSON.stringify(lease)}\n`);

/** Null when the bytes are no lease. */
export function parseLease(bytes: Uint8Array): LeaseRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { epoch, owner, url, seq, n, released, want } = Object.fromEntries(Object.entries(value));
  if (!isCount(epoch) || !isCount(seq) || !isCount(n) || typeof owner !== 'string' || typeof url !== 'string')
    return null;
  return {
    epoch,
    owner,
    url,
    seq,
    n,
    ...(released === true && { released }),
    ...(typeof want === 'string' && { want }),
  };
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
