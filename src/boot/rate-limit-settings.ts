/** RATE_LIMIT_* settings: `RATE_LIMIT_SIGN_IN="account=60+1/s address=600+5/s"`, or `off`. Either part may be left out. */
import { BUDGETS, type Budget, DEFAULT_RATE_LIMITS, type Rate, type RateLimits } from '../domain/rate-limit.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const MOST = 10_000_000;
const PREFIX = 'RATE_LIMIT_';
const variableOf = (name: string): string => PREFIX + name.toUpperCase().replaceAll('-', '_');

/** @param problems gets what is not understood */
export function readRateLimits(
  env: Readonly<Record<string, string | undefined>>,
  problems: { variable: string; message: string }[],
): RateLimits {
  const result = { ...DEFAULT_RATE_LIMITS };
  for (const name of BUDGETS) {
    const text = env[variableOf(name)]?.trim();
    if (!text) continue;
    const standard = DEFAULT_RATE_LIMITS[name];
    const read = text === 'off' || !standard ? null : readBudget(text, standard);
    if (typeof read === 'string') problems.push({ variable: variableOf(name), message: read });
    else result[name] = read;
  }
  const known = BUDGETS.map(variableOf);
  for (const variable of Object.keys(env))
    if (variable.startsWith(PREFIX) && !known.includes(variable))
      problems.push({ variable, message: `There is no such limit. Known: ${known.join(', ')}.` });
  return result;
}

function readBudget(text: string, standard: Budget): Budget | string {
  const budget = { ...standard };
  for (const part of text.split(/\s+/)) {
    const [, who, burst, count, unit] = /^(account|address)=(\d{1,9})\+(\d{1,9})\/([smh])$/.exec(part) ?? [];
    const rate: Rate = { burst: Number(burst), perSecond: Number(count) / (SECONDS[unit ?? ''] ?? 1) };
    if ((who !== 'account' && who !== 'address') || !fits(rate))
      return `"${part}" is not understood. Use for example: account=60+1/s address=600+5/s (60 at once, then 1 a second; s, m or h), or off.`;
    if (budget[who] === null) return 'Nobody is signed in yet there: it has no part for accounts, only address=….';
    budget[who] = rate;
  }
  return budget;
}

function fits({ burst, perSecond }: Rate): boolean {
  return burst >= 1 && burst <= MOST && perSecond > 0 && perSecond <= MOST;
}
