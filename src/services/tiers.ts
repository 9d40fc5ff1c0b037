/**
 * What each tier allows and which tier newcomers get, as it holds now: built in, over that the variables, over that what
 * administrators set here. Every launch asks, so it is kept in memory; whatever stores a change drops that after the commit, and
 * transactions are synchronous, so nobody reads in between what was or what never came to be.
 */
import type { ControlDb } from '../../prisma-free-db/database.ts';
import type { RecordRepository } from '../../prisma-free-db/repositories/records.ts';
import type { Door } from '../domain/admission.ts';
import {
  isLimitValue,
  LIMIT_NAMES,
  type LimitName,
  type LimitOverrides,
  type Limits,
  limitsWith,
  TIERS,
  type Tier,
} from '../domain/quota.ts';

/** Who set something, and when. */
export interface SetBy {
  by: string;
  at: number;
}

type TierMarks = Partial<Record<LimitName, SetBy>>;

/** What administrators set. */
export interface TierSettings {
  tiers: Record<Tier, { limits: LimitOverrides; marks: TierMarks }>;
  newcomers: ({ tier: Tier } & SetBy) | null;
}

export interface TierBook {
  limits(tier: Tier): Limits;
  newcomers(): Tier;
  /** A copy, as it is stored; inside `db.write` what the transaction sees. */
  read(): TierSettings;
  /** Inside `db.write`. */
  store(settings: TierSettings): void;
}

const KEY = 'tiers';

export function createTierBook(
  db: ControlDb,
  records: Pick<RecordRepository, 'getSetting' | 'setSetting'>,
  deployment: { limits: Record<Tier, Limits>; door: Pick<Door, 'defaultTier'> },
): TierBook {
  const read = () => settingsOf(records.getSetting(KEY));
  let kept: { limits: Record<Tier, Limits>; newcomers: Tier } | null = null;
  const current = () => {
    if (kept) return kept;
    const { tiers, newcomers } = read();
    const of = (tier: Tier) => limitsWith(deployment.limits[tier], tiers[tier].limits);
    kept = {
      limits: { free: of('free'), basic: of('basic'), premium: of('premium'), enterprise: of('enterprise') },
      newcomers: newcomers?.tier ?? deployment.door.defaultTier,
    };
    return kept;
  };
  return {
    limits: (tier) => current().limits[tier],
    newcomers: () => current().newcomers,
    read,
    store(settings) {
      records.setSetting(KEY, settings);
      db.afterCommit(() => {
        kept = null;
      });
    },
  };
}

/** What is stored, without what cannot be: a value of a later version, or one that a hand wrote, must not stop every launch. */
function settingsOf(stored: unknown): TierSettings {
  const root = fields(stored);
  const tiers = fields(root.tiers);
  const newcomers = fields(root.newcomers);
  const tier = TIERS.find((one) => one === newcomers.tier);
  const by = setBy(newcomers);
  return {
    tiers: {
      free: tierOf(tiers.free),
      basic: tierOf(tiers.basic),
      premium: tierOf(tiers.premium),
      enterprise: tierOf(tiers.enterprise),
    },
    newcomers: tier && by ? { tier, ...by } : null,
  };
}

function tierOf(stored: unknown): TierSettings['tiers'][Tier] {
  const limits = fields(fields(stored).limits);
  const marks = fields(fields(stored).marks);
  const names = LIMIT_NAMES.filter((name) => isLimitValue(name, limits[name]) && setBy(fields(marks[name])));
  return {
    limits: Object.fromEntries(names.map((name) => [name, limits[name]])) as LimitOverrides,
    marks: Object.fromEntries(names.map((name) => [name, setBy(fields(marks[name]))])) as TierMarks,
  };
}

function setBy({ by, at }: Record<string, unknown>): SetBy | null {
  return typeof by === 'string' && typeof at === 'number' ? { by, at } : null;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
