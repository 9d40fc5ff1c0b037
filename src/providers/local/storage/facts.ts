/**
 * Content types, metadata and checksums, kept beside the bucket. A record is found by the identity of the content (inode, size,
 * modification time), not by the key: it appears and disappears with the object in one step, follows renames, those by hand
 * too, and no longer applies once somebody wrote into the file. Whoever copies the data folder elsewhere loses these records,
 * never files.
 */
import type { BigIntStats } from 'node:fs';
import { mkdir, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from './durable.ts';
import { errnoOf, unless } from './errors.ts';
import { contentIdOf } from './version.ts';

const factsSchema = z.object({
  contentType: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  crc32c: z.string().nullable().default(null),
});

export type Facts = z.infer<typeof factsSchema>;

export const NO_FACTS: Facts = { contentType: null, metadata: {}, crc32c: null };

function pathOf(folder: string, content: BigIntStats): string {
  const shard = (content.ino % 256n).toString(16).padStart(2, '0');
  return join(folder, shard, `${contentIdOf(content)}.json`);
}

export async function readFacts(folder: string, content: BigIntStats): Promise<Facts> {
  const text = await unless(['ENOENT'], readFile(pathOf(folder, content), 'utf8'));
  if (text === null) return NO_FACTS;
  try {
    return factsSchema.parse(JSON.parse(text));
  } catch {
    // Cut short by a power failure on a disk that reorders: the file itself is what matters.
    return NO_FACTS;
  }
}

/** Call before the object is put in place. */
export async function writeFacts(folder: string, content: BigIntStats, facts: Facts): Promise<void> {
  const bare = facts.contentType === null && Object.keys(facts.metadata).length === 0;
  if (bare && facts.crc32c === null) return;
  const path = pathOf(folder, content);
  const text = JSON.stringify(facts);
  // A checksum alone may be lost by a power cut: then nothing is compared. It is not worth two waits for the disk.
  const write = () => (bare ? writeFile(path, text, { mode: 0o600 }) : writeDurably(path, text));
  await write().catch(async (error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    await write();
  });
}

/** Call after the object is gone. @param content as it was before */
export async function dropFacts(folder: string, content: BigIntStats): Promise<void> {
  // The same file under another name is still described by them.
  if (content.nlink > 1n) return;
  await unless(['ENOENT'], unlink(pathOf(folder, content)));
}

/** Removes records of contents that are no longer there, as after an `rm` by hand. @param seen `contentIdOf` of all that are */
export async function pruneFacts(folder: string, seen: ReadonlySet<string>, olderThan: number): Promise<void> {
  for (const shard of (await unless(['ENOENT'], readdir(folder))) ?? []) {
    for (const name of (await unless(['ENOENT', 'ENOTDIR'], readdir(join(folder, shard)))) ?? []) {
      if (seen.has(name.replace(/\.json$/, ''))) continue;
      const path = join(folder, shard, name);
      const info = await unless(['ENOENT'], stat(path));
      if (info && info.mtimeMs < olderThan) await unless(['ENOENT'], unlink(path));
    }
  }
}
