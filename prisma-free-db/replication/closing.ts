/**
 * The end of a log at one place, when its database has moved to another: a last seal that says where to. It fences whoever led, as
 * every seal does, and nobody seals behind it, so a replica that was forgotten cannot go on with a history of its own.
 */
import type { LogBucket } from './bucket.ts';
import { decide } from './decide.ts';
import { Moved } from './errors.ts';
import type { Pacing } from './pacing.ts';
import { type Candidate, requireEnd, sealFor } from './takeover.ts';

/**
 * Closes the log right behind the slot at which the chain stands: all that was written there is then known to the caller.
 * @param movedTo the new place, in words that people and the same caller understand later
 * @returns false when somebody wrote on meanwhile: nothing was closed; restore again
 * @throws Moved when it is closed already; StaleTakeover
 */
export async function closeLog(
  bucket: LogBucket,
  { movedTo, ...candidate }: Candidate & { readonly movedTo: string },
  pacing: Pacing,
): Promise<boolean> {
  const { keys, chain } = candidate;
  if (chain.movedTo !== null) throw new Moved(chain.movedTo);
  const seq = chain.seq + 1;
  const seal = await sealFor(candidate, { movedTo });
  const decision = await decide(bucket, { key: keys.log(seq), bytes: seal.bytes }, pacing);
  if (decision.outcome === 'lost') return false;
  await chain.apply(seal.bytes);
  await requireEnd(bucket, { keys, seq }, pacing);
  return true;
}
