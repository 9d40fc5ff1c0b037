/**
 * POST /api/auth/back-channel-logout/<provider> with the form field `logout_token`: the issuer says that a session is over
 * (OpenID Connect Back-Channel Logout 1.0, 2.5 and 2.8). The token is the only proof; cookies and addresses are none.
 */
import { AppError, isAppError } from '../../domain/errors.ts';
import { randomText } from '../../domain/ids.ts';
import { endByIssuer, logoutTaker } from '../../services/auth/issuer-sign-out.ts';
import { clientOf } from '../context.ts';
import { readText, sendJson } from './reply.ts';
import type { SignInCall } from './sign-in-call.ts';

const PREFIX = '/api/auth/back-channel-logout/';
const TOKEN_BYTES = 16 * 1024;

export const isBackChannelLogout = (path: string): boolean => path.startsWith(PREFIX);

export async function handleBackChannelLogout(call: SignInCall, path: string): Promise<void> {
  const { deps, req, res, limits } = call;
  const payer = { actor: null, req };
  // Not the budget of sign-ins: an issuer that ends everybody's sessions does so from one address.
  limits.spend('queries', { ...payer, res });
  const provider = logoutTaker(deps, path.slice(PREFIX.length));
  if (req.method !== 'POST' || !provider) throw new AppError('not_found', 'There is no such route.');
  try {
    const logoutToken = await readLogoutToken(call);
    const { address, userAgent } = clientOf(deps, req);
    const origin = { address, agent: userAgent.slice(0, 256), correlationId: randomText(10) };
    await endByIssuer(deps, provider, { logoutToken, origin });
  } catch (error) {
    if (!isAppError(error) || error.code === 'internal') throw error;
    const unavailable = error.code === 'unavailable';
    if (!unavailable) limits.fail('queries', payer);
    deps.log.warn('sign-out by issuer failed', { provider: provider.name, error: String(error.cause ?? error) });
    // One answer for all that can be wrong with a token.
    return sendJson(res, 400, { error: unavailable ? 'temporarily_unavailable' : 'invalid_request' });
  }
  res.writeHead(200, { 'cache-control': 'no-store', 'content-length': 0 });
  res.end();
}

async function readLogoutToken({ req, jsonBodyMs }: SignInCall): Promise<string> {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new AppError('invalid_argument', 'This is no form.');
  const text = await readText(req, { maxBytes: TOKEN_BYTES + 1024, timeoutMs: jsonBodyMs });
  const [token = '', ...more] = new URLSearchParams(text).getAll('logout_token');
  if (token === '' || token.length > TOKEN_BYTES || more.length > 0)
    throw new AppError('invalid_argument', 'The form has no logout_token, or not one.');
  return token;
}
