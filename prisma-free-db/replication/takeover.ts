/**
 * Becoming the leader (format document, section 6): a candidate whose chain is up to date wins the next slot with a SEAL, which starts
 * a new epoch and fences whoever led before. Safety rests on the slot alone; lease.ts only says when to try.
 */
import { type LogBucket, listAll } from './bucket.ts';
import { type EncodedObject, type EncryptionKey, encodeObject, type ObjectMeta } from './codec.ts';
import { decide } from './decide.ts';
import { Moved, StaleTakeover } from './errors.ts';
import type { Chain } from './log-reader.ts';
import type { LogKeys } from './names.ts';
import type { Pacing } from './pacing.ts';
import { isDamage } from './restore.ts';

export interface Candidate {
  readonly keys: LogKeys;
  /** Restored to the end of the log; moves on to the seal, or to the rival's. */
  readonly chain: Chain;
  readonly owner: string;
  /** Never the same twice: two candidates must not write equal bytes, or both would take themselves for the winner. */
  readonly nonce: () => string;
  /** Wall time in ISO 8601, for people; decides nothing. */
  readonly at: () => string;
  readonly encryption?: EncryptionKey;
  /** Goes on with an import that was interrupted, which nobody else may lead. */
  readonly imports?: boolean;
}

/** `yielded`: another candidate was faster. Follow it, and wait a full TTL before the next try, or candidates duel for ever. */
export type Takeover =
  | { readonly outcome: 'sealed'; readonly epoch: number; readonly seq: number }
  | { readonly outcome: 'yielded'; readonly epoch: number; readonly seq: number };

/**
 * @throws Moved when the log is closed; Unfinished when it holds no whole database; StaleTakeover when the log turns out to be further than the candidate knew: restore again, nothing was harmed
 * @throws the signal's reason; whether an epoch was begun is unknown then, which harms nobody either
 */
export async function takeOver(bucket: LogBucket, candidate: Candidate, pacing: Pacing): Promise<Takeover> {
  const { keys, chain } = candidate;
  if (chain.movedTo !== null) throw new Moved(chain.movedTo);
  const seenEpoch = chain.epoch;
  for (;;) {
    if (!candidate.imports) chain.requireWhole();
    const seq = chain.seq + 1;
    const seal = await sealFor(candidate);
    const decision = await decide(bucket, { key: keys.log(seq), bytes: seal.bytes }, pacing);
    if (decision.outcome === 'won') {
      await chain.apply(seal.bytes);
      await requireEnd(bucket, { keys, seq }, pacing);
      return { outcome: 'sealed', epoch: chain.epoch, seq };
    }
    await applyRival(chain, decision.bytes);
    if (chain.epoch !== seenEpoch) return { outcome: 'yielded', epoch: chain.epoch, seq };
  }
}

/** @param facts beside the usual ones */
export function sealFor(
  { chain, owner, nonce, at, encryption }: Omit<Candidate, 'keys'>,
  facts: ObjectMeta = {},
): Promise<EncodedObject> {
  return encodeObject({
    kind: 'seal',
    codec: 'raw',
    pageSize: chain.pageSize,
    dbPages: chain.dbPages,
    epoch: chain.epoch + 1,
    from: chain.seq,
    to: chain.seq + 1,
    dbSum: chain.dbSum,
    prevHash: chain.hash,
    meta: { owner, nonce: nonce(), at: at(), ...facts },
    pages: [],
    ...(encryption && { key: encryption }),
  });
}

/** What lies in the slot continues our chain, unless ours or it is a stray branch; a restore tells these apart, and damage too. */
async function applyRival(chain: Chain, bytes: Uint8Array): Promise<void> {
  try {
    await chain.apply(bytes);
  } catch (error) {
    if (isDamage(error))
      throw new StaleTakeover('The next slot does not continue the history that was restored.', error);
    throw error;
  }
}

/** Invariant I3: the slot was free because it is the end of the log, not because a leader that went on has collected it. */
export async function requireEnd(
  bucket: LogBucket,
  { keys, seq }: { keys: LogKeys; seq: number },
  pacing: Pacing,
): Promise<void> {
  const beyond = await listAll(bucket, { prefix: keys.logPrefix, after: keys.log(seq) }, pacing);
  const slots = beyond.map(keys.seqOf).filter((slot) => slot !== null);
  if (slots.length > 0) throw new StaleTakeover(`Slot ${seq} was won, but the log goes on to slot ${slots.at(-1)}.`);
}
