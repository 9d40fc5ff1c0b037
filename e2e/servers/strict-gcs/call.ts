/** One request to the fake and the ways to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalid } from './refusal.ts';
import { isRecord, type Json } from './state.ts';

export interface Faults {
  /** One byte of every content flips on its way up. */
  uploads: boolean;
  /** One byte of every content flips on its way down. */
  downloads: boolean;
}

export class Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly query: URLSearchParams;
  readonly faults: Faults;
  /** Added to every answer, such as those of CORS. */
  readonly extraHeaders: Record<string, string> = {};

  constructor(request: IncomingMessage, response: ServerResponse, parts: { url: URL; faults: Faults }) {
    this.request = request;
    this.response = response;
    this.url = parts.url;
    this.query = parts.url.searchParams;
    this.faults = parts.faults;
  }

  get method(): string {
    return this.request.method ?? 'GET';
  }

  async body(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.request) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** Content of a file, with what happens to it on the way. */
  arrived(bytes: Buffer): Buffer {
    if (!this.faults.uploads || bytes.length === 0) return bytes;
    const damaged = Buffer.from(bytes);
    damaged[0] = (damaged[0] ?? 0) ^ 1;
    return damaged;
  }

  async json(): Promise<Json> {
    const text = (await this.body()).toString('utf8');
    return text === '' ? {} : parseJson(text);
  }

  answer(status: number, body: Buffer, headers: Record<string, string>): void {
    this.response.writeHead(status, { ...this.extraHeaders, ...headers, 'content-length': body.length });
    this.response.end(body);
  }

  answerJson(value: Json, headers: Record<string, string> = {}): void {
    const fields = this.query.get('fields');
    const shown = fields === null ? value : masked(value, readMask(fields));
    const type = { 'content-type': 'application/json; charset=UTF-8' };
    this.answer(200, Buffer.from(JSON.stringify(shown)), { ...type, ...headers });
  }

  answerXml(text: string, headers: Record<string, string> = {}): void {
    const type = { 'content-type': 'application/xml; charset=UTF-8' };
    this.answer(200, Buffer.from(`<?xml version='1.0' encoding='UTF-8'?>${text}`), { ...type, ...headers });
  }
}

export function parseJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Refused below.
  }
  throw invalid('Parse Error');
}

type Mask = Map<string, Mask | null>;

/** `a,b(c,d)`: which fields an answer shows. */
function readMask(fields: string): Mask {
  const mask: Mask = new Map();
  for (const [, name = '', inner] of fields.matchAll(/([\w*]+)(?:\(([^)]*)\))?/g)) {
    mask.set(name, inner === undefined ? null : readMask(inner));
  }
  return mask;
}

function masked(value: unknown, mask: Mask): unknown {
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  if (!isRecord(value)) return value;
  const shown = Object.entries(value).filter(([name]) => mask.has(name));
  return Object.fromEntries(
    shown.map(([name, inner]) => [name, mask.get(name) ? masked(inner, mask.get(name) ?? new Map()) : inner]),
  );
}
