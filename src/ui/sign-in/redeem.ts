/** Redeeming a one-time sign-in link: reading the secret out of what was pasted, and the one call. */

/** Why a link did not sign in. `invalid`: unknown, altered or already used; the server cannot tell and need not. */
export type Refusal = { kind: 'expired' | 'invalid' | 'unreachable' } | { kind: 'refused'; message: string };

/** The secret of a whole link or of its fragment, or the bare secret; null when the text is none of these. */
export function readSecret(text: string): string | null {
  const trimmed = text.trim();
  const found = /#(?:[^#]*&)?link=([^&#\s]+)/.exec(trimmed)?.[1] ?? trimmed;
  return /^[A-Za-z0-9._~-]{16,512}$/.test(found) ? found : null;
}

interface Answer {
  message?: unknown;
  code?: unknown;
  details?: { reason?: unknown };
}

/** null = signed in (the cookie is set). Never throws. */
export async function redeem(secret: string, call: typeof fetch = fetch): Promise<Refusal | null> {
  let response: Response;
  try {
    response = await call('/api/auth/link', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret }),
    });
  } catch {
    return { kind: 'unreachable' };
  }
  if (response.ok) return null;
  if (response.status >= 502 && response.status <= 504) return { kind: 'unreachable' };
  const answer: Answer = await response.json().catch(() => ({}));
  if (answer.details?.reason === 'expired') return { kind: 'expired' };
  if (response.status === 401) return { kind: 'invalid' };
  return { kind: 'refused', message: typeof answer.message === 'string' ? answer.message : '' };
}
