/**
 * POST /api/auth/exchange {idToken, nonce?, accessToken?} → {token, userId, expiresAt}; the token is sent as a bearer from then
 * on. For programs only: a page of another site must not be able to sign somebody in.
 */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import { createNativeSignIn } from '../../services/auth/native-sign-in.ts';
import { clientOf } from '../context.ts';
import { readJson, sendJson } from './reply.ts';
import type { SignInCall } from './sign-in-call.ts';

const TOKEN_BYTES = 16 * 1024;

const body = z.strictObject({
  idToken: z.string().min(1).max(TOKEN_BYTES),
  nonce: z.string().min(1).max(512).optional(),
  accessToken: z.string().min(1).max(TOKEN_BYTES).optional(),
});

export function createNativeExchange(): (call: SignInCall) => Promise<void> {
  const signIn = createNativeSignIn();
  return async ({ deps, req, res, limits, jsonBodyMs }) => {
    limits.spend('exchange', { actor: null, req, res });
    const { origin, cookie, 'sec-fetch-site': site } = req.headers;
    if (origin !== undefined || site !== undefined || cookie !== undefined)
      throw new AppError('permission_denied', 'This is for programs. In a browser use the sign-in page.');
    const given = body.safeParse(await readJson(req, { maxBytes: 3 * TOKEN_BYTES, timeoutMs: jsonBodyMs }));
    if (!given.success) throw new AppError('invalid_argument', z.prettifyError(given.error));
    // A program that signs in again and again is on its account's budget, wherever it runs.
    const admit = (userId: UserId) => limits.spend('exchange', { actor: { userId }, req, res });
    sendJson(res, 200, await signIn(deps, given.data, { client: clientOf(deps, req), admit }));
  };
}
