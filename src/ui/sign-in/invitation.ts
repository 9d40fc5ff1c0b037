/** The two calls of an invitation. Neither throws: a refusal is its sentence, empty when the server did not answer. */
import type { Tier } from '../../domain/quota.ts';
import type { Role } from '../../domain/user.ts';

export interface Offer {
  email: string | null;
  role: Role;
  tier: Tier;
  expiresAt: number;
  /** It signs in by itself, as a link does. */
  byLink: boolean;
}

async function post(path: string, body: object): Promise<{ ok: boolean; answer: Record<string, unknown> }> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { ok: response.ok, answer: await response.json() };
  } catch {
    return { ok: false, answer: {} };
  }
}

const words = ({ message }: Record<string, unknown>): string => (typeof message === 'string' ? message : '');

export async function showInvitation(secret: string): Promise<Offer | string> {
  const { ok, answer } = await post('/api/auth/invitation', { secret });
  return ok ? (answer as unknown as Offer) : words(answer);
}

export async function acceptInvitation(): Promise<string | null> {
  const { ok, answer } = await post('/api/auth/invitation/accept', {});
  return ok ? null : words(answer);
}
