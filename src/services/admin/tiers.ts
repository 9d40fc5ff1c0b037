/**
 * What administrators set about tiers: the limits of each, and which one newcomers get. A change, its audit entry and the word to
 * the other administrators are one transaction; a refused attempt leaves an entry, too. It bites at the next launch, start and
 * extension of everybody on the tier; what runs keeps what it has. Called by the router `admin.tiers`.
 */
import { AppError, isAppError } from '../../domain/errors.ts';
import {
  isLimitValue,
  LIMIT_NAMES,
  type LimitName,
  type LimitOverrides,
  type Limits,
  limitsWith,
  TIERS,
  type Tier,
} from '../../domain/quota.ts';
import type { Actor } from '../../domain/user.ts';
import { type AuditAction, record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import type { SetBy, TierSettings } from '../tiers.ts';
import { stillAdmin, tellAdminsOfTier } from './administrators.ts';

/** Where a value comes from. */
export type Source = { kind: 'default' | 'environment'; by: null; at: null } | ({ kind: 'administrator' } & SetBy);

export interface TierView {
  tier: Tier;
  /** How many accounts are on it. */
  people: number;
  limits: Limits;
  /** What would hold if nobody had set anything here. */
  configured: Limits;
  /** What is set here. */
  own: LimitOverrides;
  sources: Record<LimitName, Source>;
}

export interface TiersView {
  tiers: TierView[];
  newcomers: { tier: Tier; configured: Tier; source: Source };
}

export function listTiers(deps: Deps): TiersView {
  const { deployment } = deps;
  const { tiers, newcomers } = deps.tiers.read();
  const counts = new Map(deps.directory.countByTier().map(({ tier, people }) => [tier, people]));
  const source = (set: SetBy | null | undefined, configured: boolean): Source => {
    if (set) return { kind: 'administrator', by: set.by, at: set.at };
    return { kind: configured ? 'environment' : 'default', by: null, at: null };
  };
  return {
    tiers: TIERS.map((tier) => {
      const { limits: own, marks } = tiers[tier];
      const of = (name: LimitName) => source(marks[name], name in deployment.configured.limits[tier]);
      return {
        tier,
        people: counts.get(tier) ?? 0,
        limits: deps.tiers.limits(tier),
        configured: deployment.limits[tier],
        own,
        sources: {
          environments: of('environments'),
          cpuMillicores: of('cpuMillicores'),
          memoryMiB: of('memoryMiB'),
          gpus: of('gpus'),
          uptimeMs: of('uptimeMs'),
        },
      };
    }),
    newcomers: {
      tier: deps.tiers.newcomers(),
      configured: deployment.door.defaultTier,
      source: source(newcomers, deployment.configured.defaultTier),
    },
  };
}

/** What every tier allows. */
export function everyTier(deps: Pick<Deps, 'tiers'>): Record<Tier, Limits> {
  const { limits } = deps.tiers;
  return { free: limits('free'), basic: limits('basic'), premium: limits('premium'), enterprise: limits('enterprise') };
}

/** What `limits` leaves out is as the configuration has it. @throws invalid_argument for a value that no limit has; permission_denied */
export function setTierLimits(
  deps: Deps,
  actor: Actor,
  { tier, limits, reason }: { tier: Tier; limits: LimitOverrides; reason: string },
): void {
  for (const name of LIMIT_NAMES)
    if (limits[name] !== undefined && !isLimitValue(name, limits[name]))
      throw new AppError('invalid_argument', `${WORDS[name]} cannot be ${limits[name]}.`);
  change(deps, actor, { action: 'tier.limits', tier, reason }, (settings) => {
    const { limits: before, marks } = settings.tiers[tier];
    const names = LIMIT_NAMES.filter((name) => limits[name] !== undefined);
    const mark = (name: LimitName) => (before[name] === limits[name] ? marks[name] : undefined);
    const fresh = { by: actor.name, at: deps.now() };
    const after: LimitOverrides = Object.fromEntries(names.map((name) => [name, limits[name]]));
    if (LIMIT_NAMES.every((name) => before[name] === after[name])) return null;
    settings.tiers[tier] = {
      limits: after,
      marks: Object.fromEntries(names.map((name) => [name, mark(name) ?? fresh])),
    };
    const configured = deps.deployment.limits[tier];
    return {
      before: { ...limitsWith(configured, before) },
      after: { ...limitsWith(configured, after) },
      details: { setHere: names },
    };
  });
}

/** Back to what the configuration has. */
export function resetTier(deps: Deps, actor: Actor, { tier, reason }: { tier: Tier; reason: string }): void {
  setTierLimits(deps, actor, { tier, limits: {}, reason });
}

/** null: as the configuration has it. The first one on a machine's own account gets all of the machine whatever this says. */
export function setNewcomers(deps: Deps, actor: Actor, { tier, reason }: { tier: Tier | null; reason: string }): void {
  const configured = deps.deployment.door.defaultTier;
  change(deps, actor, { action: 'tier.newcomers', tier: tier ?? configured, reason }, (settings) => {
    const before = settings.newcomers?.tier ?? null;
    if (before === tier) return null;
    settings.newcomers = tier === null ? null : { tier, by: actor.name, at: deps.now() };
    return { before: { tier: before ?? configured }, after: { tier: tier ?? configured } };
  });
}

const WORDS: Readonly<Record<LimitName, string>> = {
  environments: 'Environments at once',
  cpuMillicores: 'CPU',
  memoryMiB: 'Memory',
  gpus: 'GPUs',
  uptimeMs: 'Uptime',
};

interface Deed {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  details?: Record<string, unknown>;
}

/** `decide` changes the settings that it is given; null when all is so already. */
function change(
  deps: Deps,
  actor: Actor,
  { action, tier, reason }: { action: AuditAction; tier: Tier; reason: string },
  decide: (settings: TierSettings) => Deed | null,
): void {
  const about = { action, ownerId: null, targetId: null, targetName: tier };
  const refused = deps.db.write((): AppError | null => {
    try {
      stillAdmin(deps, actor);
    } catch (error) {
      if (!isAppError(error)) throw error;
      record(deps, actor, { ...about, result: 'denied', details: { why: error.message } });
      return error;
    }
    const settings = deps.tiers.read();
    const deed = decide(settings);
    if (!deed) return null;
    deps.tiers.store(settings);
    record(deps, actor, { ...about, ...deed, details: { reason, ...deed.details } });
    tellAdminsOfTier(deps, tier);
    return null;
  });
  if (refused) throw refused;
}
