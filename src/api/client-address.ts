/**
 * Where a request comes from: the one function for the audit trail, sessions, limits and what environments are told. A proxy is
 * believed only when the operator named it; everybody else's forwarded fields are ignored. Names of hosts and schemes are never
 * taken from a request: those are settings.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { ProxyField, TrustedProxies } from '../domain/trusted-proxies.ts';

/** What another server of this deployment says, which took the request and forwarded it. */
const vouched = new WeakMap<IncomingMessage, string>();

/** From now on this is where the request comes from. Only for a sender that has proved to be one of us. */
export function vouchFor(req: IncomingMessage, address: string): void {
  vouched.set(req, address);
}

/** Loopback, as one word in the list of proxies. */
const LOOPBACK = 'loopback';
const LOOPBACK_NETWORKS = ['127.0.0.0/8', '::1/128'];

/**
 * Walks from the peer outwards as long as each is a trusted proxy: the first that is not is the client. Whatever the client
 * wrote itself stands left of that and is never read.
 * @returns IPv4 or IPv6 as text without port or zone; `unknown` when the connection is gone already
 */
export function clientAddress(req: IncomingMessage, trusted: TrustedProxies): string {
  const known = vouched.get(req);
  if (known !== undefined) return known;
  let address = plainAddress(req.socket.remoteAddress ?? '') ?? 'unknown';
  if (!trusted.includes(address)) return address;
  const hops = hopsOf(req, trusted.field);
  for (let end = hops.length; end > 0; ) {
    const start = hops.lastIndexOf(',', end - 1) + 1;
    const text = hops.slice(start, end);
    const hop = trusted.field === 'forwarded' ? forOf(text) : plainAddress(text);
    // A hop that hides itself (RFC 7239 §6.3) or cannot be read: nobody vouches for what stands before it.
    if (hop === null) return address;
    address = hop;
    if (!trusted.includes(address)) return address;
    end = start - 1;
  }
  return address;
}

/**
 * @param entries addresses, networks in CIDR form, or `loopback`
 * @returns null when one of them is none of these
 */
export function trustedProxies(entries: readonly string[], field: ProxyField): TrustedProxies | null {
  if (entries.length === 0) return { field, includes: () => false };
  const list = new BlockList();
  for (const entry of entries.flatMap((one) => (one === LOOPBACK ? LOOPBACK_NETWORKS : [one]))) {
    const [address = '', bits, ...rest] = entry.split('/');
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    if (version === 0 || rest.length > 0 || address.includes('%')) return null;
    if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return null;
    list.addSubnet(address, bits === undefined ? most : Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    field,
    includes(address) {
      const version = isIP(address);
      return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

function hopsOf(req: IncomingMessage, field: ProxyField): string {
  const value = req.headers[field];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

/** The `for` of one element of Forwarded (RFC 7239 §4), quoted or not. */
function forOf(element: string): string | null {
  const value = /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)\s*(?:;|$)/i.exec(element)?.[1];
  return value === undefined ? null : plainAddress(value.replace(/^"|"$/g, ''));
}

/** Without brackets, port, zone and the prefix of IPv4 on a dual-stack socket; null when it is no address. */
function plainAddress(text: string): string | null {
  let address = text.trim();
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(address)?.[1];
  if (bracketed !== undefined) address = bracketed;
  else if (/^[\d.]+:\d{1,5}$/.test(address)) address = address.slice(0, address.indexOf(':'));
  const zone = address.indexOf('%');
  if (zone > 0) address = address.slice(0, zone);
  const version = isIP(address);
  if (version === 0) return null;
  if (version === 4) return address;
  const lower = address.toLowerCase();
  const mapped = lower.startsWith('::ffff:') ? lower.slice(7) : '';
  return isIP(mapped) === 4 ? mapped : lower;
}
