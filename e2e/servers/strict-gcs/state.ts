/** What the fake keeps: buckets with settings and a policy, objects with all their generations, uploads under way. */
import { randomUUID } from 'node:crypto';
import { crc32cOf } from '../../../src/ports/storage/checksum.ts';
import { conditionNotMet, invalid, noBucket, noObject, Refusal } from './refusal.ts';

export interface Stored {
  name: string;
  generation: string;
  metageneration: number;
  bytes: Buffer;
  /** Of the bytes as they came; stays when somebody damages them. */
  crc32c: string;
  contentType: string | undefined;
  metadata: Record<string, string> | undefined;
  timeCreated: string;
  timeDeleted: string | undefined;
}

export type Json = Record<string, unknown>;

export interface HeldBucket {
  name: string;
  metageneration: number;
  timeCreated: string;
  project: string;
  /** Everything else that was set. */
  settings: Json;
  policy: { etag: string; version: number; bindings: Json[] };
  /** Generations of each name, oldest first. */
  objects: Map<string, Stored[]>;
  uploads: Map<string, PartsUpload>;
}

export interface PartsUpload {
  id: string;
  name: string;
  contentType: string | undefined;
  metadata: Record<string, string>;
  parts: Map<number, { etag: string; bytes: Buffer }>;
}

export interface Session {
  id: string;
  bucket: string;
  resource: Json;
  conditions: URLSearchParams;
  bytes: Buffer[];
  length: number;
  /** What it became. */
  made?: Json;
}

export const PROJECT_NUMBER = '123456789012';

export class State {
  readonly buckets = new Map<string, HeldBucket>();
  readonly sessions = new Map<string, Session>();
  /** Rewrites under way: token → what it copies. */
  readonly rewrites = new Map<string, string>();
  #lastGeneration = 0;

  bucket(name: string): HeldBucket {
    const held = this.buckets.get(name);
    if (!held) throw noBucket();
    return held;
  }

  live(held: HeldBucket, name: string): Stored | null {
    const last = held.objects.get(name)?.at(-1);
    return last && last.timeDeleted === undefined ? last : null;
  }

  find(held: HeldBucket, name: string, generation: string | null): Stored {
    const found =
      generation === null
        ? this.live(held, name)
        : held.objects.get(name)?.find((stored) => stored.generation === generation);
    if (!found) throw noObject(`${held.name}/${name}`);
    return found;
  }

  /** The current content becomes an old one, or goes where the bucket keeps none. */
  #retire(held: HeldBucket, name: string): void {
    const all = held.objects.get(name) ?? [];
    const live = this.live(held, name);
    if (!live) return;
    if (keepsVersions(held)) live.timeDeleted = new Date().toISOString();
    else held.objects.set(name, all.slice(0, -1));
  }

  /** @throws Refusal 412, or 400 when the checksum in `resource` or `expected` differs */
  store(held: HeldBucket, name: string, content: { bytes: Buffer; resource: Json; expected?: string }): Stored {
    checkObjectName(name);
    const { bytes, resource } = content;
    const crc32c = crc32cOf(bytes);
    for (const expected of [resource.crc32c, content.expected]) {
      if (expected !== undefined && expected !== crc32c) {
        throw new Refusal(400, 'invalid', `Provided CRC32C "${expected}" doesn't match calculated CRC32C "${crc32c}".`);
      }
    }
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, Date.now() * 1000);
    this.#retire(held, name);
    const stored: Stored = {
      name,
      generation: String(this.#lastGeneration),
      metageneration: 1,
      bytes,
      crc32c,
      contentType: typeof resource.contentType === 'string' ? resource.contentType : undefined,
      metadata: readMetadata(resource.metadata),
      timeCreated: new Date().toISOString(),
      timeDeleted: undefined,
    };
    held.objects.set(name, [...(held.objects.get(name) ?? []), stored]);
    return stored;
  }

  remove(held: HeldBucket, name: string, generation: string | null): void {
    const found = this.find(held, name, generation);
    if (generation === null) this.#retire(held, name);
    else
      held.objects.set(
        name,
        (held.objects.get(name) ?? []).filter((each) => each !== found),
      );
    if (held.objects.get(name)?.length === 0) held.objects.delete(name);
  }

  createBucket(name: string, project: string, settings: Json): HeldBucket {
    if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(name) || /^goog|google/.test(name)) {
      throw invalid(`Invalid bucket name: '${name}'`);
    }
    if (this.buckets.has(name)) {
      throw new Refusal(
        409,
        'conflict',
        'Your previous request to create the named bucket succeeded and you already own it.',
      );
    }
    checkSettings(settings);
    if (!LOCATIONS.test(String(settings.location ?? 'US')))
      throw invalid('The specified location constraint is not valid.');
    const timeCreated = new Date().toISOString();
    const policy = { etag: newEtag(), version: 1, bindings: [] };
    const defaults = {
      storageClass: 'STANDARD',
      location: 'US',
      softDeletePolicy: { retentionDurationSeconds: '604800' },
    };
    const own = { name, metageneration: 1, timeCreated, project, policy, objects: new Map(), uploads: new Map() };
    const held: HeldBucket = { ...own, settings: { ...defaults, ...settings } };
    this.buckets.set(name, held);
    return held;
  }
}

export function newEtag(): string {
  return Buffer.from(randomUUID()).toString('base64').slice(0, 16);
}

export function keepsVersions({ settings }: HeldBucket): boolean {
  return isRecord(settings.versioning) && settings.versioning.enabled === true;
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMetadata(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]));
}

function checkObjectName(name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes < 1 || bytes > 1024 || /[\r\n]/.test(name) || name === '.' || name === '..' || !name.isWellFormed()) {
    throw invalid(`Invalid object name: '${name}'`);
  }
}

/** Multi-regions, dual regions and regions, by their form. */
const LOCATIONS = /^(US|EU|ASIA|[A-Z]+4|[A-Z]+-[A-Z]+\d+)$/i;
const KNOWN_SETTINGS =
  /^(name|location|storageClass|labels|iamConfiguration|softDeletePolicy|versioning|lifecycle|cors|logging|encryption)$/;
const RULE_ACTIONS = ['Delete', 'SetStorageClass', 'AbortIncompleteMultipartUpload'];
/** The only conditions that go with the abandonment of uploads. */
const ABORT_CONDITIONS = ['age', 'matchesPrefix', 'matchesSuffix'];

export function checkSettings(settings: Json): void {
  const unknown = Object.keys(settings).find((name) => !KNOWN_SETTINGS.test(name));
  if (unknown) throw invalid(`Unknown field ${unknown}`);
  for (const [name, value] of Object.entries(isRecord(settings.labels) ? settings.labels : {})) {
    if (!/^[a-z][a-z0-9_-]{0,62}$/.test(name) || !/^[a-z0-9_-]{0,63}$/.test(String(value)))
      throw invalid('Invalid label');
  }
  const rules = isRecord(settings.lifecycle) ? settings.lifecycle.rule : [];
  for (const rule of Array.isArray(rules) ? rules : []) {
    const { action, condition } = isRecord(rule) ? rule : {};
    if (!isRecord(action) || !RULE_ACTIONS.includes(String(action.type))) throw invalid('Invalid lifecycle action');
    if (!isRecord(condition) || Object.keys(condition).length === 0) throw invalid('A rule needs a condition');
    if (action.type === 'AbortIncompleteMultipartUpload') {
      if (Object.keys(condition).some((name) => !ABORT_CONDITIONS.includes(name))) throw invalid('Invalid condition');
    }
  }
}

/** Query parameters `if…Match` and `if…NotMatch` of one API call against what is there. */
export function checkConditions(query: URLSearchParams, found: Stored | null, word: '' | 'Source' = ''): void {
  const generation = found?.generation ?? '0';
  const metageneration = String(found?.metageneration ?? 0);
  const check = (name: string, actual: string, wanted: boolean) => {
    const value = query.get(`if${word}${name}`);
    if (value === null) return;
    if (!/^\d+$/.test(value)) throw invalid(`Invalid value for ${name}: ${value}`);
    if ((value === actual) !== wanted) throw conditionNotMet();
  };
  check('GenerationMatch', generation, true);
  check('GenerationNotMatch', generation, false);
  check('MetagenerationMatch', metageneration, true);
  check('MetagenerationNotMatch', metageneration, false);
}
