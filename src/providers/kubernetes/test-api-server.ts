/**
 * Of an API server what the reflector needs: one collection with list, watch and create, and the refusals 409, 410 and 429. It is no
 * Kubernetes and judges nothing else; what a real one refuses is shown on a real one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient } from './api-client.ts';

export interface StubObject {
  apiVersion: 'v1';
  kind: 'Pod';
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; labels: Record<string, string> };
  value: string;
}

interface Told {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: StubObject;
}

interface Watcher {
  response: ServerResponse;
  selector: string;
  at: number;
}

const PATH = '/api/v1/pods';
export const OURS = { app: 'ours' };
export const SELECTOR = 'app=ours';

export class TestApiServer {
  readonly counts = { lists: 0, watches: 0 };
  readonly requests: URLSearchParams[] = [];
  readonly #objects = new Map<string, StubObject>();
  readonly #watchers = new Set<Watcher>();
  readonly #pages = new Map<string, { items: StubObject[]; version: number }>();
  readonly #refusals: { kind: 'list' | 'watch'; status: number; retryAfter: string | null }[] = [];
  #history: Told[] = [];
  #version = 100;
  /** Oldest place in history that can be asked for. */
  #oldest = 0;
  #uids = 0;
  #silent = false;
  #port = 0;
  #server = createServer((request, response) => this.#answer(request, response));

  async listen(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response));
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    this.#watchers.clear();
    await closed;
  }

  get open(): number {
    return this.#watchers.size;
  }

  state(): Map<string, string> {
    const ours = [...this.#objects.values()].filter(({ metadata }) => matches(SELECTOR, metadata.labels));
    return new Map(ours.map(({ metadata, value }) => [`n/${metadata.name}`, value]));
  }

  set(name: string, value: string, labels: Record<string, string> = OURS): void {
    const before = this.#objects.get(name);
    this.#version += 1;
    this.#uids += before ? 0 : 1;
    const uid = before?.metadata.uid ?? `uid-${this.#uids}`;
    const metadata = { name, namespace: 'n', uid, resourceVersion: String(this.#version), labels };
    const object: StubObject = { apiVersion: 'v1', kind: 'Pod', metadata, value };
    this.#objects.set(name, object);
    this.#note(before ? 'MODIFIED' : 'ADDED', object);
  }

  remove(name: string): void {
    const object = this.#objects.get(name);
    if (!object) return;
    this.#objects.delete(name);
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#note('DELETED', { ...object, metadata });
  }

  /** A change that no watch tells of, as a server with a fault. */
  setUnseen(name: string, value: string): void {
    const silent = this.#silent;
    this.#silent = true;
    this.set(name, value);
    this.#silent = silent;
    this.#history = this.#history.slice(0, -1);
  }

  bookmark(): void {
    this.send({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: String(this.#version) } } });
    for (const watcher of this.#watchers) watcher.at = this.#version;
  }

  send(line: object | string): void {
    for (const { response } of this.#watchers)
      response.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`);
  }

  /** Forgets history: who asks for what lies before gets 410. */
  compact(): void {
    this.#oldest = this.#version;
    this.#history = [];
    this.#pages.clear();
  }

  /** As a connection that broke, or as one that ended in good order. */
  cut(how: 'broken' | 'ended' = 'broken'): void {
    for (const { response } of this.#watchers) how === 'broken' ? response.destroy() : response.end();
    this.#watchers.clear();
  }

  /** Connections stay, nothing comes over those that are open. */
  fallSilent(): void {
    this.#silent = true;
  }

  refuse(kind: 'list' | 'watch', status: number, { times = 1, retryAfter = null as string | null } = {}): void {
    for (let i = 0; i < times; i += 1) this.#refusals.push({ kind, status, retryAfter });
  }

  client(): ApiClient {
    return {
      request: async ({ method, path, query, body, signal }) => {
        const url = new URL(`http://127.0.0.1:${this.#port}${path}?${new URLSearchParams(query)}`);
        const json = body === undefined ? {} : { body: JSON.stringify(body) };
        const response = await fetch(url, { method, signal, ...json });
        const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
        return {
          status: response.status,
          retryAfterMs: Number.isNaN(seconds) ? null : seconds * 1000,
          body: response.body ?? new Blob([]).stream(),
        };
      },
    };
  }

  #note(type: Told['type'], object: StubObject): void {
    this.#history.push({ version: this.#version, type, object });
    if (this.#silent) return;
    for (const watcher of this.#watchers) this.#catchUp(watcher);
  }

  /** An object that loses its label is told as deleted to who asks by it. */
  #catchUp(watcher: Watcher): void {
    for (const { version, type, object } of this.#history) {
      if (version <= watcher.at || !matches(watcher.selector, object.metadata.labels)) continue;
      watcher.response.write(`${JSON.stringify({ type, object })}\n`);
    }
    watcher.at = this.#version;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://stub');
    this.requests.push(query);
    const kind = query.get('watch') === '1' ? 'watch' : 'list';
    if (pathname !== PATH) fail(response, 404, 'NotFound');
    else if (request.method === 'POST') this.#create(request, response);
    else if (!this.#refused(kind, response)) {
      if (kind === 'watch') this.#watch(query, response);
      else this.#list(query, response);
    }
  }

  #refused(kind: 'list' | 'watch', response: ServerResponse): boolean {
    this.counts[kind === 'watch' ? 'watches' : 'lists'] += 1;
    const index = this.#refusals.findIndex((each) => each.kind === kind);
    const [refused] = index < 0 ? [] : this.#refusals.splice(index, 1);
    if (refused) fail(response, refused.status, 'Refused', refused.retryAfter);
    return refused !== undefined;
  }

  #list(query: URLSearchParams, response: ServerResponse): void {
    const token = query.get('continue');
    const page = token === null ? this.#snapshot(query) : this.#pages.get(token);
    if (!page) {
      fail(response, 410, 'Expired');
      return;
    }
    const limit = Number(query.get('limit') ?? page.items.length);
    const rest = { items: page.items.slice(limit), version: page.version };
    const next = rest.items.length === 0 ? '' : `page-${this.#pages.size}-${page.version}-${rest.items.length}`;
    if (next !== '') this.#pages.set(next, rest);
    const metadata = { resourceVersion: String(page.version), continue: next };
    response.end(JSON.stringify({ kind: 'PodList', metadata, items: page.items.slice(0, limit) }));
  }

  #snapshot(query: URLSearchParams): { items: StubObject[]; version: number } {
    const selector = query.get('labelSelector') ?? '';
    const items = [...this.#objects.values()].filter(({ metadata }) => matches(selector, metadata.labels));
    return { items, version: this.#version };
  }

  #watch(query: URLSearchParams, response: ServerResponse): void {
    const at = Number(query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (at < this.#oldest) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    // A new connection is a healthy one.
    this.#silent = false;
    const watcher = { response, selector: query.get('labelSelector') ?? '', at };
    this.#watchers.add(watcher);
    response.on('close', () => this.#watchers.delete(watcher));
    this.#catchUp(watcher);
  }

  #create(request: IncomingMessage, response: ServerResponse): void {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      const { metadata, value }: StubObject = JSON.parse(text);
      if (this.#objects.has(metadata.name)) {
        fail(response, 409, 'AlreadyExists');
        return;
      }
      this.set(metadata.name, value, metadata.labels);
      response.writeHead(201).end(JSON.stringify(this.#objects.get(metadata.name)));
    });
  }
}

function fail(response: ServerResponse, status: number, reason: string, retryAfter: string | null = null): void {
  response.writeHead(status, retryAfter === null ? {} : { 'retry-after': retryAfter });
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code: status, reason, message: `${reason} here` }));
}

/** Equality only. */
function matches(selector: string, labels: Record<string, string>): boolean {
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    return term === '' || labels[name] === value;
  });
}
