/** Lists of objects and of kept versions, page by page; names that are no keys of the contract are left out. */
import { z } from 'zod';
import { compareUtf8 } from '../../domain/storage.ts';
import type { DriverList, DriverVersions } from '../../ports/storage/driver.ts';
import type { BucketUsage, ListPage, VersionPage } from '../../ports/storage/storage.ts';
import { isFile, isFolder, objectPath, offsetAfter } from './names.ts';
import { objectSchema, summaryOf, versionOf } from './objects.ts';
import type { Transport } from './transport.ts';

const MAX_RESULTS = 1000;

const entrySchema = objectSchema.pick({ name: true, size: true, generation: true, timeCreated: true });
const pageSchema = z.object({
  items: z.array(entrySchema).default([]),
  prefixes: z.array(z.string()).default([]),
  nextPageToken: z.string().optional(),
});
const versionPageSchema = z.object({
  items: z.array(objectSchema).default([]),
  nextPageToken: z.string().optional(),
});

export interface Place {
  transport: Transport;
  bucket: string;
}

export async function listObjects({ transport, bucket }: Place, options: DriverList): Promise<ListPage> {
  const { prefix, delimiter, startAfter, pageSize, signal } = options;
  const startOffset = offsetAfter(startAfter, prefix, delimiter);
  let pageToken: string | undefined;
  for (;;) {
    const page = await transport.json(pageSchema, {
      method: 'GET',
      path: objectPath(bucket),
      query: {
        prefix: prefix || undefined,
        delimiter,
        startOffset,
        pageToken,
        maxResults: pageSize,
        fields: 'nextPageToken,prefixes,items(name,size,generation,timeCreated)',
      },
      signal,
    });
    const isNew = (name: string) => startAfter === '' || compareUtf8(name, startAfter) > 0;
    const objects = page.items.filter(({ name }) => isFile(name) && isNew(name)).map(summaryOf);
    const prefixes = page.prefixes.filter((name) => isFolder(name) && isNew(name));
    pageToken = page.nextPageToken;
    if (pageToken === undefined) return { objects, prefixes, next: null };
    const next = [objects.at(-1)?.key, prefixes.at(-1)]
      .filter((name) => name !== undefined)
      .sort(compareUtf8)
      .at(-1);
    // A page of placeholders only: the next one may hold something.
    if (next !== undefined) return { objects, prefixes, next };
  }
}

export async function listVersions({ transport, bucket }: Place, options: DriverVersions): Promise<VersionPage> {
  const { key, prefix, pageSize, signal } = options;
  let pageToken = options.page;
  for (;;) {
    const page = await transport.json(versionPageSchema, {
      method: 'GET',
      path: objectPath(bucket),
      query: {
        versions: 'true',
        ...(key === undefined
          ? { prefix: prefix || undefined }
          : { startOffset: key, endOffset: `${key} `, prefix: key }),
        pageToken,
        maxResults: pageSize,
        fields: 'nextPageToken,items(name,size,generation,timeCreated,timeDeleted)',
      },
      signal,
    });
    const versions = page.items
      .filter(({ name }) => (key === undefined ? isFile(name) : name === key))
      .map(versionOf)
      .sort((a, b) => compareUtf8(a.key, b.key) || compareGenerations(b.versionId, a.versionId));
    pageToken = page.nextPageToken;
    if (versions.length > 0 || pageToken === undefined) return { versions, next: pageToken ?? null };
  }
}

/** Generations grow, and have more digits than a number holds. */
function compareGenerations(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export interface RawVersion {
  name: string;
  size: string;
  generation: string;
}

/** Everything in the bucket, placeholders and staged files too: the first page of it. */
export async function rawVersions(
  { transport, bucket }: Place,
  options: { prefix?: string; pageToken?: string; signal: AbortSignal },
): Promise<{ items: RawVersion[]; nextPageToken?: string | undefined }> {
  return transport.json(versionPageSchema, {
    method: 'GET',
    path: objectPath(bucket),
    query: {
      versions: 'true',
      prefix: options.prefix,
      pageToken: options.pageToken,
      maxResults: MAX_RESULTS,
      fields: 'nextPageToken,items(name,size,generation,timeCreated)',
    },
    signal: options.signal,
  });
}

export async function measure({ transport, bucket }: Place, signal: AbortSignal): Promise<BucketUsage> {
  const usage = { sizeBytes: 0, objects: 0 };
  let pageToken: string | undefined;
  do {
    const page = await transport.json(pageSchema, {
      method: 'GET',
      path: objectPath(bucket),
      query: { pageToken, maxResults: MAX_RESULTS, fields: 'nextPageToken,items(name,size,generation,timeCreated)' },
      signal,
    });
    for (const { name, size } of page.items) {
      if (!isFile(name)) continue;
      usage.objects += 1;
      usage.sizeBytes += Number(size);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return usage;
}
