/** One bucket of the store in memory: objects, kept versions, uploads in parts. */
import { Readable } from 'node:stream';
import type { AppError } from '../../domain/errors.ts';
import { compareUtf8 } from '../../domain/storage.ts';
import { crc32cOf } from './checksum.ts';
import type { BucketDriver, DriverList, DriverVersions, HistoryDriver, UploadDriver } from './driver.ts';
import { notApplied } from './refusals.ts';
import type {
  BucketInfo,
  ListPage,
  ObjectInfo,
  ObjectVersion,
  PutCondition,
  VersionPage,
  VersionSummary,
} from './storage.ts';

const PART_BYTES = 256 * 1024;
const MAX_PARTS = 10_000;
const DAY_MS = 24 * 3_600_000;

interface Stored {
  info: ObjectInfo & { versionId: string };
  bytes: Buffer;
}

interface Past extends Stored {
  replacedAt: number;
}

interface Upload {
  key: string;
  sizeBytes: number;
  partSizeBytes: number;
  contentType: string | null;
  metadata: Record<string, string>;
  parts: Map<number, Buffer>;
}

export interface Held {
  info: BucketInfo;
  objects: Map<string, Stored>;
  /** Replaced and deleted contents by key, the newest first. */
  past: Map<string, Past[]>;
  uploads: Map<string, Upload>;
  /** Folders made by createFolder, without a slash at the end. */
  folders: Set<string>;
  keepsVersions: boolean;
  keepDays: number | null;
}

/** Each may change the bytes. */
export interface Damage {
  upload?: (bytes: Buffer) => Buffer;
  download?: (bytes: Buffer) => Buffer;
}

export interface Tools {
  now: () => number;
  /** For versions and uploads. */
  nextId: () => string;
  damage: Damage;
}

export function newHeld(info: BucketInfo): Held {
  return {
    info,
    objects: new Map(),
    past: new Map(),
    uploads: new Map(),
    folders: new Set(),
    keepsVersions: false,
    keepDays: null,
  };
}

/** Removes up to `limit` entries of any kind and says how many. */
export function emptied(held: Held, limit: number): number {
  let removed = 0;
  for (const entries of [held.objects, held.past, held.uploads, held.folders]) {
    for (const key of entries.keys()) {
      if (removed >= limit) return removed;
      entries.delete(key);
      removed += 1;
    }
  }
  return removed;
}

export function rangeError(sizeBytes: number): AppError {
  return notApplied('invalid_argument', 'The asked part lies behind the end of the file.', {
    field: 'range',
    sizeBytes,
  });
}

const noFile = (): AppError => notApplied('not_found', 'There is no such file.');

export function memoryBucket(find: () => Held, tools: Tools): BucketDriver {
  const read = (key: string, versionId?: string): Stored => {
    const held = find();
    const current = held.objects.get(key);
    const stored =
      versionId === undefined
        ? current
        : [...(current ? [current] : []), ...pastOf(held, key, tools.now())].find(
            ({ info }) => info.versionId === versionId,
          );
    if (!stored) throw noFile();
    return stored;
  };
  const store = (
    entry: Pick<ObjectInfo, 'key' | 'contentType' | 'metadata'>,
    bytes: Buffer,
    condition: PutCondition | undefined,
  ): ObjectInfo => {
    const held = find();
    checkCondition(held.objects.get(entry.key)?.info.version, condition);
    keep(held, entry.key, tools.now());
    const version = tools.nextId();
    const info = {
      ...entry,
      sizeBytes: bytes.length,
      modifiedAt: tools.now(),
      version,
      versionId: version,
      crc32c: crc32cOf(bytes),
    };
    held.objects.set(entry.key, { info, bytes });
    return info;
  };
  return {
    capabilities: {
      versions: true,
      history: true,
      signedUrls: false,
      uploads: true,
      atomicMove: false,
      folders: true,
      keysMayNest: true,
    },
    head: async (key, { versionId }) => read(key, versionId).info,
    async get(key, { range, versionId }) {
      const { info, bytes } = read(key, versionId);
      if (range && range.start >= bytes.length) throw rangeError(bytes.length);
      const sent = (tools.damage.download ?? same)(bytes);
      return { info, body: Readable.from(pieces(sent.subarray(range?.start ?? 0, (range?.end ?? sent.length) + 1))) };
    },
    async put(key, body, { condition, contentType, metadata, signal }) {
      find();
      const bytes = (tools.damage.upload ?? same)(await bytesOf(body));
      signal.throwIfAborted();
      return store({ key, contentType, metadata: { ...metadata } }, bytes, condition);
    },
    async delete(key, { ifVersion }) {
      const held = find();
      if (ifVersion !== undefined) checkCondition(held.objects.get(key)?.info.version, { ifVersion });
      keep(held, key, tools.now());
      held.objects.delete(key);
    },
    async copy(from, to, { condition, fromVersion }) {
      const { info, bytes } = read(from);
      if (fromVersion !== undefined) checkCondition(info.version, { ifVersion: fromVersion });
      return store({ key: to, contentType: info.contentType, metadata: info.metadata }, bytes, condition);
    },
    list: async (options) => listKeys(find(), options),
    async createFolder(path) {
      const names = path.split('/');
      for (let depth = 1; depth <= names.length; depth += 1) find().folders.add(names.slice(0, depth).join('/'));
    },
    async deleteFolder(path) {
      const { objects, folders } = find();
      const below = [...objects.keys(), ...folders].some((key) => key.startsWith(`${path}/`));
      if (below) throw notApplied('failed_precondition', 'The folder is not empty.');
      folders.delete(path);
    },
    history: memoryHistory(find, tools.now, (versionId, key, condition) => {
      const { info, bytes } = read(key, versionId);
      return store({ key, contentType: info.contentType, metadata: info.metadata }, bytes, condition);
    }),
    uploads: memoryUploads(find, tools, store),
  };
}

const same = (bytes: Buffer): Buffer => bytes;

/** What stood at the key becomes a kept version, if the bucket keeps any. */
function keep(held: Held, key: string, now: number): void {
  const current = held.objects.get(key);
  if (!current || !held.keepsVersions) return;
  held.past.set(key, [{ ...current, replacedAt: now }, ...(held.past.get(key) ?? [])]);
}

/** The kept versions of a key whose time is not over. */
function pastOf(held: Held, key: string, now: number): Past[] {
  const { keepDays } = held;
  const all = held.past.get(key) ?? [];
  return keepDays === null ? all : all.filter(({ replacedAt }) => replacedAt > now - keepDays * DAY_MS);
}

function memoryHistory(
  find: () => Held,
  now: () => number,
  restore: (versionId: string, key: string, condition: PutCondition | undefined) => ObjectInfo,
): HistoryDriver {
  return {
    list: async (options) => listVersions(find(), now(), options),
    restore: async (key, versionId, { condition }) => restore(versionId, key, condition),
    async purge(key, versionId) {
      const held = find();
      if (held.objects.get(key)?.info.versionId === versionId) held.objects.delete(key);
      const rest = (held.past.get(key) ?? []).filter(({ info }) => info.versionId !== versionId);
      if (rest.length > 0) held.past.set(key, rest);
      else held.past.delete(key);
    },
  };
}

function listVersions(held: Held, now: number, { key, prefix, page, pageSize }: DriverVersions): VersionPage {
  const keys = [...new Set([...held.objects.keys(), ...held.past.keys()])]
    .filter((each) => (key === undefined ? each.startsWith(prefix) : each === key))
    .sort(compareUtf8);
  const all = keys.flatMap((each): VersionSummary[] => {
    const current = held.objects.get(each);
    const past = pastOf(held, each, now);
    return [...(current ? [{ ...current, replacedAt: null }] : []), ...past].map(({ info, replacedAt }) => ({
      key: each,
      versionId: info.versionId,
      sizeBytes: info.sizeBytes,
      modifiedAt: info.modifiedAt,
      replacedAt,
    }));
  });
  // A mark names the last one shown; when that is gone meanwhile, the page begins with the next key.
  const [lastKey = '', lastId = ''] = page === undefined ? [] : pageMark(page);
  const at = all.findIndex((each) => each.key === lastKey && each.versionId === lastId);
  const behind = at < 0 ? all.findIndex((each) => compareUtf8(each.key, lastKey) > 0) : at + 1;
  const start = behind < 0 ? all.length : behind;
  const versions = all.slice(start, start + pageSize);
  const last = versions.at(-1);
  const more = last !== undefined && start + pageSize < all.length;
  return { versions, next: more ? JSON.stringify([last.key, last.versionId]) : null };
}

function pageMark(page: string): string[] {
  try {
    const mark: unknown = JSON.parse(page);
    if (Array.isArray(mark) && mark.every((part) => typeof part === 'string')) return mark;
  } catch {
    // Not one of ours; told below.
  }
  throw notApplied('invalid_argument', 'The page mark is not valid.', { field: 'page' });
}

function memoryUploads(
  find: () => Held,
  { nextId, damage }: Tools,
  store: (
    entry: Pick<ObjectInfo, 'key' | 'contentType' | 'metadata'>,
    bytes: Buffer,
    condition: PutCondition | undefined,
  ) => ObjectInfo,
): UploadDriver {
  const upload = (key: string, id: string): Upload => {
    const found = find().uploads.get(id);
    if (found?.key !== key) throw notApplied('not_found', 'This upload is not known, or it has ended.');
    return found;
  };
  return {
    async start(key, { sizeBytes, contentType, metadata }) {
      const partSizeBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS));
      const id = nextId();
      find().uploads.set(id, { key, sizeBytes, partSizeBytes, contentType, metadata, parts: new Map() });
      return { id, partSizeBytes };
    },
    async putPart(key, id, { number, body, sizeBytes, crc32c, signal }) {
      const { sizeBytes: total, partSizeBytes, parts } = upload(key, id);
      if (sizeBytes !== partLength(total, partSizeBytes, number))
        throw notApplied('invalid_argument', 'The part has another length than its place in the file.');
      const bytes = (damage.upload ?? same)(await bytesOf(body));
      signal.throwIfAborted();
      if (crc32cOf(bytes) !== crc32c())
        throw notApplied('unavailable', 'The part was damaged on its way. Send it once more.', { damaged: true });
      upload(key, id);
      parts.set(number, bytes);
      return { number, sizeBytes };
    },
    async listParts(key, id) {
      const parts = [...upload(key, id).parts].map(([number, bytes]) => ({ number, sizeBytes: bytes.length }));
      return parts.sort((a, b) => a.number - b.number);
    },
    async complete(key, id, { sizeBytes, condition }) {
      const { parts, contentType, metadata, ...wanted } = upload(key, id);
      const count = Math.max(1, Math.ceil(wanted.sizeBytes / wanted.partSizeBytes));
      const pieces = Array.from({ length: count }, (_, i) => parts.get(i + 1));
      if (sizeBytes !== wanted.sizeBytes || pieces.includes(undefined))
        throw notApplied('failed_precondition', 'Parts of the file are still missing.');
      const info = store(
        { key, contentType, metadata },
        Buffer.concat(pieces.flatMap((piece) => piece ?? [])),
        condition,
      );
      find().uploads.delete(id);
      return info;
    },
    async abort(key, id) {
      const { uploads } = find();
      if (uploads.get(id)?.key === key) uploads.delete(id);
    },
  };
}

/** Length that a part must have; -1 when the file has no such part. An empty file is one empty part. */
function partLength(total: number, partSizeBytes: number, number: number): number {
  const start = (number - 1) * partSizeBytes;
  if (start >= total && number > 1) return -1;
  return Math.min(partSizeBytes, total - start);
}

async function bytesOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function checkCondition(current: ObjectVersion | undefined, condition: PutCondition | undefined): void {
  if (!condition) return;
  if ('ifAbsent' in condition ? current !== undefined : current !== condition.ifVersion) {
    throw notApplied('conflict', 'Somebody else changed the file in the meantime.');
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function listKeys(held: Held, { prefix, delimiter, startAfter, pageSize }: DriverList): ListPage {
  const entries = new Map<string, ObjectInfo | null>();
  for (const [key, stored] of held.objects) {
    const slash = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    if (key.startsWith(prefix)) entries.set(slash < 0 ? key : key.slice(0, slash + 1), slash < 0 ? stored.info : null);
  }
  if (delimiter) {
    for (const folder of held.folders) {
      const slash = `${folder}/`.indexOf('/', prefix.length);
      if (folder.startsWith(prefix) && slash >= 0) entries.set(`${folder}/`.slice(0, slash + 1), null);
    }
  }
  const names = [...entries.keys()].filter((name) => compareUtf8(name, startAfter) > 0).sort(compareUtf8);
  const shown = names.slice(0, pageSize);
  return {
    objects: shown.flatMap((name) => entries.get(name) ?? []),
    prefixes: shown.filter((name) => entries.get(name) === null),
    next: names.length > pageSize ? (shown.at(-1) ?? null) : null,
  };
}
