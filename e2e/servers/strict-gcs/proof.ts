/** Who asks: a token that a service account signed, or a link with a V4 signature (GOOG4-RSA-SHA256). */
import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

export interface ServiceAccount {
  email: string;
  privateKey: string;
  publicKey: string;
}

export function newServiceAccount(email: string): ServiceAccount {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    email,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const anonymous = () => new Refusal(401, 'required', 'Anonymous caller does not have storage access.');

function verify(account: ServiceAccount, text: string, signature: Buffer): boolean {
  return createVerify('RSA-SHA256').update(text).verify(account.publicKey, signature);
}

/** @throws Refusal 401 */
export function checkToken(request: IncomingMessage, account: ServiceAccount): void {
  const [, head, body, signature] =
    /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (!head || !body || !signature) throw anonymous();
  const claims: { iss?: string; exp?: number; scope?: string } = JSON.parse(Buffer.from(body, 'base64url').toString());
  const known = claims.iss === account.email && verify(account, `${head}.${body}`, Buffer.from(signature, 'base64url'));
  if (!known || (claims.exp ?? 0) * 1000 < Date.now()) throw new Refusal(401, 'authError', 'Invalid Credentials');
  if (!/devstorage|cloud-platform/.test(claims.scope ?? '')) {
    throw new Refusal(403, 'insufficientPermissions', 'Insufficient Permission');
  }
}

const refused = (message: string) => new Refusal(403, 'SignatureDoesNotMatch', message);

/** @throws Refusal for a wrong, changed or expired signature */
export function checkSignature(request: IncomingMessage, url: URL, account: ServiceAccount): void {
  const query = url.searchParams;
  const names = (query.get('X-Goog-SignedHeaders') ?? '').split(';');
  const date = query.get('X-Goog-Date') ?? '';
  const credential = query.get('X-Goog-Credential') ?? '';
  const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
  if (credential !== `${account.email}/${scope}`) throw refused('The credential is not known.');
  const expires = Number(query.get('X-Goog-Expires'));
  if (!(expires >= 1 && expires <= 604_800)) throw new Refusal(400, 'InvalidArgument', 'Invalid X-Goog-Expires.');
  const begun = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
  if (!(Date.now() < begun + expires * 1000)) throw new Refusal(400, 'ExpiredToken', 'The provided token has expired.');
  const unsigned = Object.keys(request.headers).find((name) => name.startsWith('x-goog-') && !names.includes(name));
  if (unsigned) throw refused(`The header ${unsigned} is not signed.`);
  const canonical = (url.search.slice(1).split('&') as string[])
    .filter((pair) => !pair.startsWith('X-Goog-Signature='))
    .sort()
    .join('&');
  const lines = names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join('');
  const path = (request.url ?? '').split('?')[0];
  const text = [request.method, path, canonical, lines, names.join(';'), 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(text).digest('hex');
  const signed = ['GOOG4-RSA-SHA256', date, scope, digest].join('\n');
  if (!verify(account, signed, Buffer.from(query.get('X-Goog-Signature') ?? '', 'hex'))) {
    throw refused('The request signature we calculated does not match the signature you provided.');
  }
}
