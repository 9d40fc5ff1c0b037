/** Why a sign-in came back without one: the sign-in page says it in the reader's language. Pure data. */
import { REFUSALS } from './admission.ts';

export const SIGN_IN_REASONS = [
  ...REFUSALS,
  /** The person pressed Cancel at the issuer, or gave no consent. */
  'declined',
  /** It took too long, was begun in another browser, or was already used. */
  'expired',
  /** The issuer does not answer. */
  'unavailable',
  /** The issuer's answer is not what it must be. */
  'failed',
  /** The issuer's accounts are welcome, this one of them is not. */
  'wrong_account',
  'too_many',
] as const;
export type SignInReason = (typeof SIGN_IN_REASONS)[number];

/** Why an account was not added to somebody's own. */
export const LINKING_REASONS = [
  'taken',
  'stale',
  'too_many_accounts',
  'declined',
  'expired',
  'unavailable',
  'failed',
  'wrong_account',
] as const;
export type LinkingReason = (typeof LINKING_REASONS)[number];
