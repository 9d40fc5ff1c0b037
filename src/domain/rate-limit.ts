/** How much one account and one address may ask of the server: named budgets, as plain data. Operators change them by settings. */

/** A bucket of tokens: so many at once, refilled at a steady pace. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** Who is signed in is on the account's own budget, whatever others do from the same address; everybody else on the address's. */
export interface Budget {
  /** null where nobody is signed in yet: everybody is on the address's. */
  account: Rate | null;
  address: Rate;
}

export const BUDGETS = [
  'sign-in',
  'exchange',
  'queries',
  'changes',
  'uploads',
  'downloads',
  'exports',
  'tickets',
] as const;
export type BudgetName = (typeof BUDGETS)[number];

/** null: no limit. */
export type RateLimits = Readonly<Record<BudgetName, Budget | null>>;

/** No person meets these, and no class that signs in behind one address: an address stands for hundreds of browsers. */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  'sign-in': { account: null, address: { burst: 600, perSecond: 5 } },
  exchange: { account: { burst: 60, perSecond: 1 }, address: { burst: 600, perSecond: 5 } },
  queries: { account: { burst: 3_000, perSecond: 300 }, address: { burst: 3_000, perSecond: 300 } },
  changes: { account: { burst: 200, perSecond: 20 }, address: { burst: 1_000, perSecond: 200 } },
  uploads: { account: { burst: 3_000, perSecond: 300 }, address: { burst: 300, perSecond: 30 } },
  downloads: { account: { burst: 3_000, perSecond: 300 }, address: { burst: 300, perSecond: 30 } },
  exports: { account: { burst: 30, perSecond: 0.5 }, address: { burst: 30, perSecond: 0.5 } },
  tickets: { account: { burst: 120, perSecond: 2 }, address: { burst: 600, perSecond: 10 } },
};

/** What a failed attempt costs instead of one token. */
export const FAILURE_COST = 10;
