/**
 * The OAuth client: next-auth runs the authorization code flow with PKCE, state and nonce, each in a sealed cookie of this
 * browser. It keeps no session of its own: the token that it puts into the session cookie is the one that `redeem` made, and none
 * of its own routes can be reached. Called by issuer-sign-in.ts alone.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { NextApiRequest, NextApiResponse } from 'next';
import type { AuthOptions } from 'next-auth';
import NextAuth from 'next-auth/next';
import type { OidcEndpoints } from '../../ports/identity/identity.ts';
import { cookieName } from './cookies.ts';

const STEP_SECONDS = 15 * 60;
const ISSUER_ANSWER_MS = 10_000;
/** Names of the cookies that live only while somebody is on the way to an issuer and back. */
const STEPS = ['pkce', 'state', 'nonce', 'target'] as const;

export interface Tokens {
  idToken: string;
  accessToken?: string;
  /** What the id_token must repeat. */
  nonce: string;
}

export interface CodeFlow {
  appOrigin: string;
  secure: boolean;
  /** Seals the cookies of the way. */
  secret: string;
  sessionTtlMs: number;
  client: {
    name: string;
    id: string;
    secret: string | null;
    scopes: readonly string[];
    checks: readonly ('pkce' | 'state' | 'nonce')[];
    parameters: Readonly<Record<string, string>>;
  };
  endpoints: OidcEndpoints;
  cookies: Readonly<Record<string, string>>;
}

export interface Redirect {
  location: string;
  /** Set-Cookie lines. */
  cookies: string[];
}

/** To the issuer; `target` is the address of this origin that people come back to. */
export async function beginCodeFlow(flow: CodeFlow, target: string): Promise<Redirect> {
  const name = cookieName('csrf', flow.secure);
  const token = randomBytes(16).toString('hex');
  const proof = createHash('sha256').update(`${token}${flow.secret}`).digest('hex');
  // That the request came from our own page was checked before, for every route alike.
  return run(flow, {
    action: 'signin',
    query: {},
    body: { csrfToken: token, callbackUrl: target },
    cookies: { [name]: `${token}|${proof}` },
    redeem: () => Promise.reject(new Error('nothing to redeem yet')),
    failed: () => {},
  });
}

/**
 * Back from the issuer. `redeem` gets tokens whose state and PKCE are right, and gives the session's token.
 * @throws whatever kept the flow from its end; an error without a cause of the issuer's means that the cookies of the way are
 * missing, old or of another provider
 */
export async function endCodeFlow(
  flow: CodeFlow,
  query: Readonly<Record<string, string>>,
  redeem: (tokens: Tokens) => Promise<string>,
): Promise<Redirect> {
  let session: string | null = null;
  let failure: unknown = new StepsMissing('the cookies of the way are missing or do not fit');
  const answer = await run(flow, {
    action: 'callback',
    query,
    cookies: flow.cookies,
    redeem: async (tokens) => (session = await redeem(tokens)),
    failed: (error) => {
      failure = error;
    },
  });
  if (session === null) throw failure;
  return { location: answer.location, cookies: [...answer.cookies, ...clearedSteps(flow.secure)] };
}

export class StepsMissing extends Error {}

export function clearedSteps(secure: boolean): string[] {
  return STEPS.map(
    (step) => `${cookieName(step, secure)}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${secure ? '; Secure' : ''}`,
  );
}

interface Step {
  action: 'signin' | 'callback';
  query: Readonly<Record<string, string>>;
  body?: Record<string, string>;
  cookies: Readonly<Record<string, string>>;
  redeem(tokens: Tokens): Promise<string>;
  failed(error: unknown): void;
}

async function run(flow: CodeFlow, step: Step): Promise<Redirect> {
  const origin = new URL(flow.appOrigin);
  const answer = { location: '', cookies: [] as string[] };
  const reply = shim(answer);
  const request = {
    method: step.body ? 'POST' : 'GET',
    query: { ...step.query, nextauth: [step.action, flow.client.name] },
    body: step.body,
    cookies: step.cookies,
    // What it builds its own addresses from; the client's headers never get here.
    headers: { 'x-forwarded-host': origin.host, 'x-forwarded-proto': origin.protocol.slice(0, -1) },
  };
  await handler(request as unknown as NextApiRequest, reply as unknown as NextApiResponse, options(flow, step));
  const csrf = `${cookieName('csrf', flow.secure)}=`;
  return { location: answer.location, cookies: answer.cookies.filter((line) => !line.startsWith(csrf)) };
}

/** The part of Next's response that next-auth uses. */
function shim(answer: { location: string; cookies: string[] }) {
  const reply = {
    status: () => reply,
    getHeader: (name: string) => (name.toLowerCase() === 'set-cookie' ? answer.cookies : undefined),
    setHeader(name: string, value: string | string[]) {
      if (name.toLowerCase() === 'set-cookie') answer.cookies = Array.isArray(value) ? value : [value];
      if (name.toLowerCase() === 'location') answer.location = String(value);
      return reply;
    },
    end: () => {},
    json: () => {},
    send: () => {},
  };
  return reply;
}

/** The package is CommonJS: its default export is where the loader put it. */
const handler: typeof NextAuth = 'default' in NextAuth ? (NextAuth.default as typeof NextAuth) : NextAuth;

const SILENT = { error: () => {}, warn: () => {}, debug: () => {} };

function options(flow: CodeFlow, step: Step): AuthOptions {
  const { client, endpoints, secure, secret, appOrigin } = flow;
  const cookie = (name: string) => ({
    name: cookieName(name, secure),
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge: STEP_SECONDS },
  });
  let session = '';
  return {
    secret,
    useSecureCookies: secure,
    logger: SILENT,
    pages: { signIn: '/sign-in', error: '/sign-in' },
    session: { strategy: 'jwt', maxAge: Math.floor(flow.sessionTtlMs / 1000) },
    jwt: { encode: async () => session },
    cookies: {
      sessionToken: {
        name: cookieName('session', secure),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
      callbackUrl: cookie('target'),
      csrfToken: cookie('csrf'),
      pkceCodeVerifier: cookie('pkce'),
      state: cookie('state'),
      nonce: cookie('nonce'),
    },
    callbacks: {
      redirect: ({ url }) => (url.startsWith(`${appOrigin}/`) ? url : `${appOrigin}/`),
    },
    providers: [
      {
        id: client.name,
        name: client.name,
        type: 'oauth',
        idToken: true,
        checks: [...client.checks],
        clientId: client.id,
        clientSecret: client.secret ?? undefined,
        client: client.secret === null ? { token_endpoint_auth_method: 'none' } : {},
        httpOptions: { timeout: ISSUER_ANSWER_MS },
        issuer: endpoints.issuer,
        jwks_endpoint: endpoints.keys,
        authorization: {
          url: endpoints.authorization,
          params: { scope: client.scopes.join(' '), ...client.parameters },
        },
        token: {
          url: endpoints.token,
          async request({ client: issuer, params, checks, provider }) {
            const redeem = async () => {
              const nonce = 'nonce' in checks && typeof checks.nonce === 'string' ? checks.nonce : null;
              if (!checks.state || params.state !== checks.state || nonce === null)
                throw new StepsMissing('another state came back');
              // Which issuer answered, where it says so (RFC 9207): a code is never taken to another one.
              if (params.iss !== undefined && params.iss !== endpoints.issuer)
                throw new Error('another issuer answered');
              const tokens = await issuer.grant({
                grant_type: 'authorization_code',
                code: params.code,
                redirect_uri: provider.callbackUrl,
                code_verifier: checks.code_verifier,
              });
              if (!tokens.id_token) throw new Error('the issuer gave no id_token');
              session = await step.redeem({
                idToken: tokens.id_token,
                nonce,
                ...(tokens.access_token ? { accessToken: tokens.access_token } : {}),
              });
              return { tokens };
            };
            return redeem().catch((error: unknown) => {
              step.failed(error);
              throw error;
            });
          },
        },
        profile: ({ sub }: { sub: string }) => ({ id: sub }),
      },
    ],
  };
}
