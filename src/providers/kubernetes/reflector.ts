/**
 * A faithful copy of what bears our labels in a cluster: lists it page by page, then follows its watch, for as long as the server
 * lives. A watch that ends, breaks, falls silent or is told that its place in history is gone is taken up again; what went by
 * meanwhile is found by comparing. Keeps of each object only what it is told to keep. The spawner lives on it; it writes nothing.
 */
import { AppError } from '../../domain/errors.ts';
import type { Logger } from '../../ports/provider.ts';
import { type ApiClient, type ApiResponse, linesOf, readJson } from './api-client.ts';

export type ReflectorChange<T> =
  /** `before` is null for what is new. One that was made anew under its old name is first gone. */
  { kind: 'set'; key: string; value: T; before: T | null } | { kind: 'gone'; key: string; before: T };

export interface ReflectorOptions<T> {
  client: ApiClient;
  /** Of the collection, such as /api/v1/pods or /api/v1/namespaces/x/events. */
  path: string;
  labelSelector: string;
  /** What is remembered of an object. Must not hold on to the object itself. */
  keep(object: unknown): T;
  /** Called in the order in which the cluster changed; must not block. */
  onChange(change: ReflectorChange<T>): void;
  log: Logger;
  now: () => number;
  /** 0..1 */
  random: () => number;
  /** Resolves after so long or as soon as the signal aborts. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
  pacing?: Partial<Pacing>;
}

export interface Pacing {
  pageSize: number;
  listTimeoutMs: number;
  /** Servers send a bookmark about once a minute: more silence than this is a dead connection. */
  silentMs: number;
  /** A watch is ended by the server after this time, or up to twice as much. */
  watchMs: number;
  /** Everything is listed again after this time, or up to a fifth more: against what a watch never told. */
  resyncMs: number;
  backoff: { firstMs: number; mostMs: number };
}

export const PACING: Pacing = {
  pageSize: 500,
  listTimeoutMs: 60_000,
  silentMs: 150_000,
  watchMs: 300_000,
  resyncMs: 30 * 60_000,
  backoff: { firstMs: 250, mostMs: 30_000 },
};

export interface ReflectorStatus {
  /** It has listed once; from then on its copy is whole, if perhaps old. */
  synced: boolean;
  objects: number;
  lists: number;
  watches: number;
  /** When the cluster last said anything, Unix milliseconds; null = never. */
  heardAt: number | null;
  /** Since when it gets no proper answers; null = all is well. */
  failingSince: number | null;
  lastError: string | null;
}

interface Entry<T> {
  uid: string;
  version: string;
  value: T;
}

interface Identity {
  key: string;
  uid: string;
  version: string;
}

/** The API server takes no object above 3 MiB. */
const MAX_LINE_CHARS = 8 * 1024 * 1024;
/** A watch that ended sooner without a word is not followed by another at once. */
const SHORT_WATCH_MS = 1_000;
const MOST_RETRY_AFTER_MS = 5 * 60_000;
const RETRY_AFTER_SPREAD_MS = 1_000;

/** Why a list or a watch came to nothing. `expired`: its place in history is gone, so everything is listed again. */
class Setback extends Error {
  readonly expired: boolean;
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { expired = false, retryAfterMs = null }: { expired?: boolean; retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.expired = expired;
    this.retryAfterMs = retryAfterMs;
  }
}

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #pacing: Pacing;
  readonly #end = new AbortController();
  #entries = new Map<string, Entry<T>>();
  /** Place in history from which to watch on, opaque; null = list first. */
  #version: string | null = null;
  /** After a list whose pages expired under our hands: all of it at once. */
  #unpaged = false;
  #resyncAt = 0;
  #setbacks = 0;
  readonly #counts = { lists: 0, watches: 0 };
  #heardAt: number | null = null;
  #failing: { since: number; error: string } | null = null;
  #running: Promise<void> | null = null;
  #synced = Promise.withResolvers<void>();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#pacing = { ...PACING, ...options.pacing };
    // Whoever does not wait for it must not be ended by it.
    this.#synced.promise.catch(() => {});
  }

  /** Resolves once everything was listed; keeps trying until then. @throws unavailable when closed before */
  start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#synced.promise;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** `namespace/name`, or the name alone of what belongs to no namespace. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  status(): ReflectorStatus {
    return {
      synced: this.#counts.lists > 0,
      objects: this.#entries.size,
      ...this.#counts,
      heardAt: this.#heardAt,
      failingSince: this.#failing?.since ?? null,
      lastError: this.#failing?.error ?? null,
    };
  }

  /** Ends its connections; what it knows stays readable. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#synced.reject(new AppError('unavailable', 'The view of the cluster was closed.'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        if (this.#version === null || this.#options.now() >= this.#resyncAt) await this.#list();
        await this.#watch();
      } catch (error) {
        if (signal.aborted) return;
        await this.#comeBackLater(error);
      }
    }
  }

  async #comeBackLater(error: unknown): Promise<void> {
    const { log, now, path, random, delay } = this.#options;
    const { firstMs, mostMs } = this.#pacing.backoff;
    const setback = error instanceof Setback ? error : null;
    if (setback?.expired) this.#version = null;
    const text = error instanceof Error ? error.message : String(error);
    // That a place in history goes is how the cluster works; only again and again is it a fault.
    if (!(setback?.expired && this.#setbacks === 0)) {
      if (!this.#failing) log.warn('the cluster does not answer properly', { path, error: text });
      this.#failing = { since: this.#failing?.since ?? now(), error: text };
    }
    const asked = setback?.retryAfterMs ?? null;
    const grown = Math.min(mostMs, firstMs * 2 ** Math.min(this.#setbacks, 20));
    this.#setbacks += 1;
    const ms =
      asked === null
        ? grown * (0.5 + random() / 2)
        : Math.min(MOST_RETRY_AFTER_MS, asked) + random() * RETRY_AFTER_SPREAD_MS;
    await delay(ms, this.#end.signal);
  }

  #heard(): void {
    const { log, now, path } = this.#options;
    this.#heardAt = now();
    if (this.#failing) log.info('the cluster answers again', { path, afterMs: this.#heardAt - this.#failing.since });
    this.#failing = null;
  }

  async #list(): Promise<void> {
    const found = new Map<string, Entry<T>>();
    let version = '';
    let next = '';
    do {
      const page = await this.#page(next);
      for (const object of page.items) {
        const { key, ...rest } = identify(object);
        found.set(key, { ...rest, value: this.#options.keep(object) });
      }
      version = page.version;
      next = page.next;
    } while (next !== '');
    this.#unpaged = false;
    this.#version = version;
    this.#resyncAt = this.#options.now() + this.#pacing.resyncMs * (1 + this.#options.random() / 5);
    this.#heard();
    this.#replace(found);
    this.#counts.lists += 1;
    this.#synced.resolve();
  }

  async #page(next: string): Promise<{ items: unknown[]; version: string; next: string }> {
    const { client, path, labelSelector } = this.#options;
    const { pageSize, listTimeoutMs } = this.#pacing;
    const query = {
      labelSelector,
      ...(this.#unpaged ? {} : { limit: String(pageSize) }),
      ...(next === '' ? {} : { continue: next }),
    };
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(listTimeoutMs)]);
    const response = await client.request({ method: 'GET', path, query, signal });
    if (response.status !== 200) {
      const refused = await refusal(response);
      if (refused.expired) this.#unpaged = next !== '';
      throw refused;
    }
    const list = fieldsOf(await readJson(response));
    const metadata = fieldsOf(list.metadata);
    const version = textOf(metadata.resourceVersion);
    if (version === '' || !Array.isArray(list.items ?? [])) throw new Setback('The list cannot be read.');
    return { items: Array.isArray(list.items) ? list.items : [], version, next: textOf(metadata.continue) };
  }

  /** Returns when it ended as it should, or fell silent: the next one takes up where this one was. */
  async #watch(): Promise<void> {
    const { client, path, labelSelector, now, random } = this.#options;
    const { watchMs, silentMs } = this.#pacing;
    const began = now();
    const cut = new AbortController();
    const signal = AbortSignal.any([this.#end.signal, cut.signal]);
    const alarm = setTimeout(() => cut.abort(), silentMs);
    let answered = false;
    let told = false;
    try {
      const response = await client.request({
        method: 'GET',
        path,
        query: {
          watch: '1',
          allowWatchBookmarks: 'true',
          labelSelector,
          resourceVersion: this.#version ?? '',
          timeoutSeconds: String(Math.ceil((watchMs * (1 + random())) / 1000)),
        },
        signal,
      });
      if (response.status !== 200) throw await refusal(response);
      this.#counts.watches += 1;
      answered = true;
      for await (const line of linesOf(response.body, MAX_LINE_CHARS)) {
        alarm.refresh();
        this.#take(line);
        this.#heard();
        // Not by a list: lists that succeed between watches that never do would follow one another without a pause.
        this.#setbacks = 0;
        told = true;
        if (now() >= this.#resyncAt) return;
      }
    } catch (error) {
      if (!cut.signal.aborted || this.#end.signal.aborted) throw error;
      // Nothing was heard for too long: no fault of the cluster that we know of, and nothing is lost by asking again.
      if (answered) return;
      throw new Setback('The cluster does not answer in time.');
    } finally {
      clearTimeout(alarm);
      cut.abort();
    }
    if (told) return;
    if (now() - began < SHORT_WATCH_MS) throw new Setback('The watch ended as soon as it had begun.');
    this.#setbacks = 0;
  }

  #take(line: string): void {
    const { type, object } = fieldsOf(parse(line));
    if (type === 'ERROR') throw errorOf(fieldsOf(object));
    const identity = identify(object);
    const { key, uid, version } = identity;
    if (type === 'ADDED' || type === 'MODIFIED') this.#set(key, { uid, version, value: this.#options.keep(object) });
    else if (type === 'DELETED') this.#remove(key);
    else if (type !== 'BOOKMARK') throw new Setback(`A watch told of “${String(type)}”.`, { expired: true });
    this.#version = version;
  }

  #set(key: string, entry: Entry<T>): void {
    let before = this.#entries.get(key) ?? null;
    if (before?.version === entry.version) return;
    if (before && before.uid !== entry.uid) {
      this.#remove(key);
      before = null;
    }
    this.#entries.set(key, entry);
    this.#tell({ kind: 'set', key, value: entry.value, before: before?.value ?? null });
  }

  #remove(key: string): void {
    const before = this.#entries.get(key);
    if (!before) return;
    this.#entries.delete(key);
    this.#tell({ kind: 'gone', key, before: before.value });
  }

  #replace(found: ReadonlyMap<string, Entry<T>>): void {
    for (const key of [...this.#entries.keys()]) if (!found.has(key)) this.#remove(key);
    for (const [key, entry] of found) this.#set(key, entry);
  }

  #tell(change: ReflectorChange<T>): void {
    try {
      this.#options.onChange(change);
    } catch (error) {
      this.#options.log.error('a change in the cluster could not be worked in', {
        key: change.key,
        error: String(error),
      });
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A bookmark has a version only. @throws Setback when it has none: then nobody knows where in history this is */
function identify(object: unknown): Identity {
  const { namespace, name, uid, resourceVersion } = fieldsOf(fieldsOf(object).metadata);
  const version = textOf(resourceVersion);
  if (version === '') throw new Setback('An object came without its version.', { expired: true });
  const prefix = textOf(namespace) === '' ? '' : `${textOf(namespace)}/`;
  return { key: prefix + textOf(name), uid: textOf(uid), version };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Setback('A line of the watch cannot be read.', { expired: true });
  }
}

async function refusal(response: ApiResponse): Promise<Setback> {
  const { status, retryAfterMs } = response;
  const body = await readJson(response).catch(() => ({}));
  return errorOf({ ...fieldsOf(body), code: status }, retryAfterMs);
}

function errorOf({ code, reason, message, details }: Fields, retryAfterMs: number | null = null): Setback {
  const { retryAfterSeconds } = fieldsOf(details);
  const asked = typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1000 : null;
  return new Setback([code, reason, message].filter((part) => part !== undefined && part !== '').join(' '), {
    expired: code === 410,
    retryAfterMs: retryAfterMs ?? asked,
  });
}
