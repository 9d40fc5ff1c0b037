/**
 * Links that carry their own permission (V4 signatures, GOOG4-RSA-SHA256). Written here because the SDK signs the host without
 * its port and can neither sign a part of an upload with a length nor say which headers must be sent.
 */
import { createHash } from 'node:crypto';
import { attachment } from '../../ports/storage/disposition.ts';
import type { DriverSign } from '../../ports/storage/driver.ts';
import type { SignedRequest } from '../../ports/storage/storage.ts';
import type { Signer } from './credentials.ts';
import { encodePart, xmlPath } from './names.ts';
import { keptGeneration } from './objects.ts';

export interface SigningGround {
  origin: string;
  signer: Signer;
  now: () => number;
}

export interface LinkOrder {
  method: 'GET' | 'PUT';
  /** Encoded; slashes as they are. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  expiresInMs: number;
}

export async function signLink(ground: SigningGround, order: LinkOrder): Promise<SignedRequest> {
  const { host } = new URL(ground.origin);
  const date = new Date(ground.now()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
  const headers = Object.entries({ ...order.headers, host }).sort(byName);
  const names = headers.map(([name]) => name).join(';');
  const query = canonicalQuery({
    ...order.query,
    'X-Goog-Algorithm': 'GOOG4-RSA-SHA256',
    'X-Goog-Credential': `${ground.signer.email}/${scope}`,
    'X-Goog-Date': date,
    'X-Goog-Expires': String(Math.ceil(order.expiresInMs / 1000)),
    'X-Goog-SignedHeaders': names,
  });
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/\s{2,}/g, ' ')}\n`).join('');
  const request = [order.method, order.path, query, lines, names, 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(request).digest('hex');
  const signature = await ground.signer.sign(['GOOG4-RSA-SHA256', date, scope, digest].join('\n'));
  const url = `${ground.origin}${order.path}?${query}&X-Goog-Signature=${signature}`;
  return { method: order.method, url, headers: order.headers };
}

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

function canonicalQuery(query: Record<string, string>): string {
  return Object.entries(query)
    .map(([name, value]): [string, string] => [encodePart(name), encodePart(value)])
    .sort(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function signObject(
  ground: SigningGround,
  place: { bucket: string; key: string },
  options: DriverSign,
): Promise<SignedRequest> {
  const path = xmlPath(place.bucket, place.key);
  const { expiresInMs } = options;
  if (options.method === 'PUT') {
    const headers = {
      ...sizeHeader(options.sizeBytes),
      'content-type': options.contentType ?? 'application/octet-stream',
      ...(options.ifAbsent ? { 'x-goog-if-generation-match': '0' } : {}),
    };
    return signLink(ground, { method: 'PUT', path, query: {}, headers, expiresInMs });
  }
  const generation = keptGeneration(options.versionId);
  const fileName = options.fileName ?? place.key.slice(place.key.lastIndexOf('/') + 1);
  const query = {
    'response-content-disposition': attachment(fileName),
    'response-content-type': 'application/octet-stream',
    ...(generation === undefined ? {} : { generation }),
  };
  return signLink(ground, { method: 'GET', path, query, headers: {}, expiresInMs });
}

/** The store refuses a body outside these bounds; a browser could not send a Content-Length of its own. */
export function sizeHeader(sizeBytes: number): Record<string, string> {
  return { 'x-goog-content-length-range': `${sizeBytes},${sizeBytes}` };
}
