/**
 * Header hygiene in both directions, over Node's raw name/value lists so that case, order and repetition survive.
 * Called once per request and once per response: names are classified through a small table keyed by their spelling.
 * Nothing here decides who may pass; that is router.ts.
 */
import { stripOurCookies, tameSetCookie } from './cookies.ts';

const KEEP = 0;
const DROP = 1;
const COOKIE = 2;
const SET_COOKIE = 3;
const SECURITY_POLICY = 4;
const FRAME_OPTIONS = 5;
type Kind = 0 | 1 | 2 | 3 | 4 | 5;

/** RFC 9110 §7.6.1 and its forerunners. `trailer` stays: trailers are forwarded. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'transfer-encoding',
  'upgrade',
];

const REQUEST_KINDS = new Map<string, Kind>([
  ...HOP_BY_HOP.map((name): [string, Kind] => [name, DROP]),
  ['authorization', DROP],
  ['forwarded', DROP],
  ['x-real-ip', DROP],
  ['x-client-ip', DROP],
  ['http2-settings', DROP],
  ['cookie', COOKIE],
  ['cookie2', DROP],
]);

const RESPONSE_KINDS = new Map<string, Kind>([
  ...HOP_BY_HOP.map((name): [string, Kind] => [name, DROP]),
  // It would clear the cookies of the whole registrable domain, the application's session among them.
  ['clear-site-data', DROP],
  // Whether this origin is reached by TLS is the deployment's to say.
  ['strict-transport-security', DROP],
  ['set-cookie', SET_COOKIE],
  ['set-cookie2', DROP],
  ['content-security-policy', SECURITY_POLICY],
  ['x-frame-options', FRAME_OPTIONS],
]);

/** WSGI and CGI hosts cannot tell `X_Real_IP` from `X-Real-IP`, so neither do we. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** A table that remembers spellings it has met; bounded, since clients choose the spellings. */
function classifier(kinds: Map<string, Kind>, prefixes: readonly string[]): (name: string) => Kind {
  const known = new Map<string, Kind>();
  return (name) => {
    const hit = known.get(name);
    if (hit !== undefined) return hit;
    const plain = canonical(name);
    const kind = kinds.get(plain) ?? (prefixes.some((prefix) => plain.startsWith(prefix)) ? DROP : KEEP);
    if (known.size < 1024 && name.length <= 64) known.set(name, kind);
    return kind;
  };
}

const requestKind = classifier(REQUEST_KINDS, ['x-forwarded-', 'x-cmbcluster-']);
const responseKind = classifier(RESPONSE_KINDS, ['x-cmbcluster-']);

const USUAL_CONNECTION = new Set(['keep-alive', 'close', 'Upgrade', 'upgrade', 'Keep-Alive', 'keep-alive, Upgrade']);
const NOT_NOMINABLE = new Set(['host', 'content-length', 'trailer']);

/** Names that the sender's Connection field declares to be for this hop only; null for the usual values. */
function nominated(connection: string | undefined): Set<string> | null {
  if (connection === undefined || USUAL_CONNECTION.has(connection)) return null;
  const names = new Set<string>();
  for (const part of connection.split(',')) {
    const name = canonical(part.trim());
    if (name !== '' && !NOT_NOMINABLE.has(name)) names.add(name);
  }
  return names;
}

export interface EndpointHeader {
  name: string;
  value: string;
  /** Lower case with dashes: what a client's field is compared with. */
  canonicalName: string;
}

export function endpointHeader(header: { name: string; value: string } | null): EndpointHeader | null {
  return header === null ? null : { ...header, canonicalName: canonical(header.name) };
}

function isSecret(name: string, secret: EndpointHeader | null): boolean {
  return secret !== null && name.length === secret.canonicalName.length && canonical(name) === secret.canonicalName;
}

/** The address of a peer as people write it: IPv4 without the prefix that a dual-stack socket puts before it. */
export function peerAddress(remote: string | undefined): string {
  if (remote === undefined || remote === '') return 'unknown';
  return remote.startsWith('::ffff:') ? remote.slice(7) : remote;
}

export interface Sender {
  /** Of the client, as the forwarded fields name it. */
  address: string;
  host: string;
  scheme: 'http' | 'https';
}

/**
 * The fields an environment sees, as a flat list: the client's end-to-end ones without our cookies and Authorization, then ours.
 * Framing (Transfer-Encoding) and Connection are the caller's to add.
 */
export function requestFields(
  raw: readonly string[],
  connection: string | undefined,
  sender: Sender,
  secret: EndpointHeader | null,
): string[] {
  const hop = nominated(connection);
  const out: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    let value = raw[i + 1] as string;
    const kind = requestKind(name);
    if (kind === DROP || isSecret(name, secret)) continue;
    if (hop?.has(canonical(name))) continue;
    if (kind === COOKIE) {
      value = stripOurCookies(value);
      if (value === '') continue;
    }
    out.push(name, value);
  }
  out.push('X-Forwarded-For', sender.address, 'X-Forwarded-Host', sender.host, 'X-Forwarded-Proto', sender.scheme);
  if (secret !== null) out.push(secret.name, secret.value);
  return out;
}

/** One year; environments come and go, the domain stays. */
export const STRICT_TRANSPORT = ['Strict-Transport-Security', 'max-age=31536000'] as const;

/** Who may frame an environment's pages, and how they are reached: prepared once. */
export interface FramePolicy {
  /** Behind TLS: browsers are told never to come without it. */
  secure?: boolean;
  /** `frame-ancestors 'self' <app origin>` */
  usual: string;
}

/**
 * The fields a browser sees. Framing is decided here: the environment's own frame-ancestors would lock the embedded view out,
 * so it yields to ours, unless it forbids framing altogether; the rest of its policy stands, as a policy of its own.
 */
export function responseFields(raw: readonly string[], frames: FramePolicy, secret: EndpointHeader | null): string[] {
  const hop = nominated(findField(raw, 'connection'));
  const out: string[] = [];
  let denied = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    let value = raw[i + 1] as string;
    const kind = responseKind(name);
    if (kind === DROP || isSecret(name, secret)) continue;
    if (hop?.has(canonical(name))) continue;
    if (kind === SET_COOKIE) {
      const tamed = tameSetCookie(value);
      if (tamed === null) continue;
      value = tamed;
    } else if (kind === SECURITY_POLICY) {
      value = withoutFrameAncestors(value);
      if (value === '') continue;
    } else if (kind === FRAME_OPTIONS) {
      denied = denied || value.trim().toLowerCase() === 'deny';
      continue;
    }
    out.push(name, value);
  }
  out.push('Content-Security-Policy', denied ? "frame-ancestors 'none'" : frames.usual);
  if (frames.secure) out.push(...STRICT_TRANSPORT);
  return out;
}

/** A CSP field (policies separated by commas) without its frame-ancestors directives, save those that say 'none'. */
function withoutFrameAncestors(value: string): string {
  if (!/frame-ancestors/i.test(value)) return value;
  return value
    .split(',')
    .map((policy) =>
      policy
        .split(';')
        .filter(
          (directive) =>
            !/^\s*frame-ancestors(?:\s|$)/i.test(directive) || /^\s*frame-ancestors\s+'none'\s*$/i.test(directive),
        )
        .join(';')
        .trim(),
    )
    .filter((policy) => policy !== '')
    .join(', ');
}

/** Trailers as pairs for `addTrailers`: no field that could pass for a header we own. */
export function trailerFields(
  raw: readonly string[],
  direction: 'request' | 'response',
  secret: EndpointHeader | null,
): [string, string][] {
  const kindOf = direction === 'request' ? requestKind : responseKind;
  const out: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (kindOf(name) !== KEEP || isSecret(name, secret) || NOT_IN_TRAILERS.has(canonical(name))) continue;
    out.push([name, raw[i + 1] as string]);
  }
  return out;
}

/** RFC 9110 §6.5.1: fields that frame, route or authenticate mean nothing good in a trailer. */
const NOT_IN_TRAILERS = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'trailer',
  'expect',
  'range',
]);

/** The first value of a field, without building Node's object of all of them. */
export function findField(raw: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const one = raw[i] as string;
    if (one.length === name.length && one.toLowerCase() === name) return raw[i + 1];
  }
  return undefined;
}

/** How often a field occurs; Node's own `headers` hides a repeated Host. */
export function countField(raw: readonly string[], name: string): number {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const one = raw[i] as string;
    if (one.length === name.length && one.toLowerCase() === name) count += 1;
  }
  return count;
}
