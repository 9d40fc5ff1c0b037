/**
 * How much one account and one address may ask of the server: calls by token buckets (domain/rate-limit), live streams by their
 * number. Who is signed in pays from the account's own bucket, which no stranger can touch; everybody else from the address's,
 * IPv6 by network of 64 bits. Kept in memory of constant size: one process serves everybody. Called by the HTTP routes once they
 * know who asks; generous enough that no person ever meets it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../domain/errors.ts';
import { type BudgetName, FAILURE_COST, type Rate, type RateLimits } from '../domain/rate-limit.ts';
import type { TrustedProxies } from '../domain/trusted-proxies.ts';
import type { Actor } from '../domain/user.ts';
import { clientAddress } from './client-address.ts';
import { createTokenBuckets, type Taken } from './token-buckets.ts';

/** 4 MiB and 1 MiB of addresses and accounts that asked lately, each times budget; places that nobody used take no memory. */
export const ADDRESS_PLACES = 262_144;
export const ACCOUNT_PLACES = 65_536;
const STREAMS_PER_SESSION = 20;
const STREAMS_PER_ACCOUNT = 100;
const STREAMS_PER_ADDRESS = 200;

/** Who asks. */
export interface Payer {
  actor: Pick<Actor, 'userId'> | null;
  req: IncomingMessage;
}

export interface Limits {
  /**
   * Takes one token for each call and tells the browser how many are left.
   * @throws resource_exhausted, retryable; the answer's Retry-After is set
   */
  spend(budget: BudgetName, payer: Payer & { res: ServerResponse }, calls?: number): void;
  /** What was spent on turned out to be an attempt that failed: it costs more. */
  fail(budget: BudgetName, payer: Payer): void;
  /** A place for one live stream; the answer gives it back. @throws resource_exhausted, retryable */
  hold(payer: Payer & { actor: Pick<Actor, 'userId' | 'sessionId'> | null }): () => void;
}

export function createLimits(options: {
  budgets: RateLimits;
  trustedProxies: TrustedProxies;
  now: () => number;
}): Limits {
  const { budgets, trustedProxies, now } = options;
  const addresses = createTokenBuckets(ADDRESS_PLACES, now);
  const accounts = createTokenBuckets(ACCOUNT_PLACES, now);
  const streams = new Map<string, number>();
  const networkOf = (req: IncomingMessage) => addressNetwork(clientAddress(req, trustedProxies));

  function bucketOf(name: BudgetName, { actor, req }: Payer) {
    const budget = budgets[name];
    if (!budget) return null;
    return actor && budget.account
      ? { buckets: accounts, key: `${name} ${actor.userId}`, rate: budget.account }
      : { buckets: addresses, key: `${name} ${networkOf(req)}`, rate: budget.address };
  }

  return {
    spend(name, payer, calls = 1) {
      const bucket = bucketOf(name, payer);
      if (!bucket) return;
      const taken = bucket.buckets.take(bucket.key, bucket.rate, calls);
      tell(payer.res, { name, rate: bucket.rate, taken });
      if (taken.waitMs === 0) return;
      throw new AppError('resource_exhausted', 'That was too much in a short time. Try again in a moment.', {
        retryable: true,
        details: { retryAfterSeconds: secondsOf(taken.waitMs) },
      });
    },
    fail(name, payer) {
      const bucket = bucketOf(name, payer);
      bucket?.buckets.drain(bucket.key, bucket.rate, FAILURE_COST - 1);
    },
    hold({ actor, req }) {
      const shares: [string, number][] = actor
        ? [
            [`session ${actor.sessionId}`, STREAMS_PER_SESSION],
            [`account ${actor.userId}`, STREAMS_PER_ACCOUNT],
          ]
        : [[`address ${networkOf(req)}`, STREAMS_PER_ADDRESS]];
      for (const [who, most] of shares) {
        const held = streams.get(who) ?? 0;
        if (held < most) continue;
        throw new AppError(
          'resource_exhausted',
          `There are ${held} windows open already. Close some of them; this one shows changes when it is reloaded.`,
          { retryable: true },
        );
      }
      for (const [who] of shares) streams.set(who, (streams.get(who) ?? 0) + 1);
      let mine = true;
      return () => {
        if (!mine) return;
        mine = false;
        for (const [who] of shares) {
          const rest = (streams.get(who) ?? 1) - 1;
          if (rest > 0) streams.set(who, rest);
          else streams.delete(who);
        }
      };
    },
  };
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11), and the three fields of its earlier versions, which
 * more clients read.
 */
function tell(
  res: ServerResponse,
  { name, rate, taken: { waitMs, left, fullMs } }: { name: BudgetName; rate: Rate; taken: Taken },
): void {
  if (res.headersSent) return;
  // A refusal names the same moment as Retry-After.
  const seconds = waitMs > 0 ? secondsOf(waitMs) : Math.ceil(fullMs / 1000);
  const remaining = waitMs > 0 ? 0 : left;
  res.setHeader('RateLimit-Policy', `"${name}";q=${rate.burst};w=${secondsOf((rate.burst * 1000) / rate.perSecond)}`);
  res.setHeader('RateLimit', `"${name}";r=${remaining};t=${seconds}`);
  res.setHeader('RateLimit-Limit', String(rate.burst));
  res.setHeader('RateLimit-Remaining', String(remaining));
  res.setHeader('RateLimit-Reset', String(seconds));
  if (waitMs > 0) res.setHeader('Retry-After', String(seconds));
}

/** An IPv4 address itself; of IPv6 the 64 bits that a network of one customer has. */
export function addressNetwork(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right !== undefined) {
    const after = right === '' ? [] : right.split(':');
    // An embedded IPv4 address stands for two groups, and lies beyond the network.
    const missing = 8 - groups.length - after.length - (right.includes('.') ? 1 : 0);
    groups.push(...Array<string>(Math.max(0, missing)).fill('0'), ...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
