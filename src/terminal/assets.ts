/** The page's files, read once at start and served with a strict policy; what carries its hash in the address is cached for good. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

interface Asset {
  body: Buffer;
  /** Made on first demand; null = not worth it. */
  gzipped: Buffer | null | undefined;
  type: string;
  hash: string;
  /** The name itself carries a hash. */
  hashedName: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** On every answer, whatever it is. */
export const SECURITY_HEADERS: Readonly<OutgoingHttpHeaders> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Scripts from here only, none inline. The emulator makes style elements and attributes as it runs: elements need the nonce,
 * attributes cannot carry one. Who may frame the page is the gateway's to say: only it knows the application's origin.
 */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

export class Assets {
  readonly #files = new Map<string, Asset>();
  readonly #page: string;

  /** @param folder as scripts/build-terminal.mjs writes it. @throws when it holds no index.html */
  constructor(folder: string) {
    for (const name of readdirSync(folder)) {
      const type = TYPES[extname(name)];
      if (!type) continue;
      const body = readFileSync(join(folder, name));
      const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16);
      this.#files.set(name, { body, gzipped: undefined, type, hash, hashedName: /-[A-Z0-9]{8}\.\w+$/.test(name) });
    }
    const page = this.#files.get('index.html');
    if (!page) throw new Error(`The terminal's page is missing: no index.html in ${folder}.`);
    this.#files.delete('index.html');
    this.#page = page.body.toString('utf8').replace(/(["'])\.\/([\w.-]+)\1/g, (whole, quote: string, name: string) => {
      const asset = this.#files.get(name);
      return asset ? `${quote}./${name}?v=${asset.hash}${quote}` : whole;
    });
  }

  servePage(request: IncomingMessage, response: ServerResponse): void {
    // A nonce serves one answer only, so the page itself is never kept.
    const nonce = randomBytes(16).toString('base64');
    const body = this.#page.replaceAll('{{nonce}}', nonce);
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': TYPES['.html'],
      'content-security-policy': contentSecurityPolicy(nonce),
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** @returns false when there is no such file */
  serve(url: URL, request: IncomingMessage, response: ServerResponse): boolean {
    const asset = this.#files.get(url.pathname.slice(1));
    if (!asset) return false;
    const forGood = asset.hashedName || url.searchParams.get('v') === asset.hash;
    const etag = `"${asset.hash}"`;
    const headers: OutgoingHttpHeaders = {
      ...SECURITY_HEADERS,
      'content-type': asset.type,
      'cache-control': forGood ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag,
      vary: 'accept-encoding',
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return true;
    }
    const packed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')) ? this.#gzip(asset) : null;
    if (packed) headers['content-encoding'] = 'gzip';
    const body = packed ?? asset.body;
    response.writeHead(200, { ...headers, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }

  #gzip(asset: Asset): Buffer | null {
    if (asset.gzipped === undefined) asset.gzipped = asset.type.startsWith('text/') ? gzipSync(asset.body) : null;
    return asset.gzipped;
  }
}
