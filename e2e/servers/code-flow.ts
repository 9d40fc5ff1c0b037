/** A browser and its client in one: signs a person in at a test issuer by the authorization code flow, without a browser. */
import { createHash, randomBytes } from 'node:crypto';
import type { OidcClient } from '../../src/ports/identity/identity.ts';

export interface CodeFlowAnswer {
  idToken: string;
  accessToken: string;
}

export interface CodeFlowOrder {
  client: OidcClient;
  redirectUri: string;
  email: string;
  password: string;
  nonce: string;
  /** What is posted from the sign-in page of an issuer of its own kind, and where; the test issuers' by default. */
  answer?: (page: string) => { url: string; form: Record<string, string> };
  /** What happens while the code is on its way. */
  onCode?: (code: string) => void;
}

const STEPS = 10;

/** @throws with the issuer's words when it refuses */
export async function signInByCode(order: CodeFlowOrder): Promise<CodeFlowAnswer> {
  const { client, redirectUri, nonce } = order;
  const { authorization, token } = await client.endpoints();
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const start = new URL(authorization);
  start.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: client.scopes.join(' '),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...client.parameters,
  }).toString();
  const back = await comeBack(start, order);
  if (back.searchParams.get('state') !== state) throw new Error('another state came back');
  const code = back.searchParams.get('code');
  if (code === null) throw new Error(back.searchParams.get('error') ?? 'no code');
  order.onCode?.(code);
  const answer = await fetch(token, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret ?? ''}`)}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  });
  const body: unknown = await answer.json();
  if (typeof body !== 'object' || body === null || !('id_token' in body) || !('access_token' in body))
    throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return { idToken: String(body.id_token), accessToken: String(body.access_token) };
}

/** Follows redirects with cookies, fills the form, ends at the address that the client gave. */
async function comeBack(start: URL, { redirectUri, email, password, answer }: CodeFlowOrder): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | null = null;
  for (let step = 0; step < STEPS; step += 1) {
    if (url.href.startsWith(redirectUri)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response: Response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      body: form,
      redirect: 'manual',
      headers: { cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) {
      await response.body?.cancel();
      url = new URL(location, url);
      form = null;
    } else if (response.ok && form === null) {
      const page = await response.text();
      const filled = answer?.(page) ?? { url: url.href, form: { email, password, answer: 'yes' } };
      url = new URL(filled.url);
      form = new URLSearchParams(filled.form);
    } else {
      throw new Error(`${response.status} ${(await response.text()).slice(0, 400)}`);
    }
  }
  throw new Error('the issuer goes round in circles');
}
