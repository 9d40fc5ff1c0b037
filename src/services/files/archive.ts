/** The files of a folder or of a selection one after the other, each opened when its turn comes: what a zip is made of. */
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import { baseName, checkKey } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import type { Bucket } from '../../ports/storage/storage.ts';
import type { Deps } from '../deps.ts';
import { noteAccess, ownedBucket } from '../storage/files.ts';
import { walk } from './walk.ts';

/** Folders have no content. */
export interface ArchiveEntry {
  name: string;
  lastModified?: Date;
  size?: number;
  input?: AsyncIterable<Uint8Array>;
}

/**
 * @param input.keys files, and folders that end in a slash; empty text = everything
 * @throws not_found when something chosen does not exist, before anything is sent
 */
export async function openArchive(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; keys: string[]; signal: AbortSignal },
): Promise<{ name: string; entries: AsyncGenerator<ArchiveEntry, void> }> {
  const bucket = ownedBucket(deps, actor, input.id);
  for (const key of input.keys) if (key !== '') checkKey(key.endsWith('/') ? key.slice(0, -1) : key);
  const [first = ''] = input.keys;
  await mustExist(bucket, first, input.signal);
  noteAccess(deps, actor, { id: input.id, key: first === '' ? '/' : first, zip: true }, { as: 'download' });
  return {
    name: input.keys.length === 1 && first !== '' ? baseName(first) : 'files',
    entries: entriesOf(bucket, input.keys, input.signal),
  };
}

async function mustExist(bucket: Bucket, key: string, signal: AbortSignal): Promise<void> {
  if (key === '') return;
  if (!key.endsWith('/')) {
    await bucket.head(key, { signal });
    return;
  }
  const inside = await bucket.list({ prefix: key, pageSize: 1, signal });
  if (inside.objects.length > 0 || inside.prefixes.length > 0) return;
  const beside = await bucket.list({ prefix: key.slice(0, -1), delimiter: '/', pageSize: 1000, signal });
  if (!beside.prefixes.includes(key)) throw new AppError('not_found', 'This folder does not exist any more.');
}

async function* entriesOf(
  bucket: Bucket,
  keys: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry, void> {
  for (const key of keys) {
    if (key !== '' && !key.endsWith('/')) {
      const { sizeBytes, modifiedAt } = await bucket.head(key, { signal });
      yield fileOf(bucket, { key, name: baseName(key), sizeBytes, modifiedAt }, signal);
      continue;
    }
    // Unpacked, a folder comes out under its own name.
    const above = key === '' ? 0 : key.lastIndexOf('/', key.length - 2) + 1;
    if (key !== '') yield { name: safe(key.slice(above)) };
    for await (const entry of walk(bucket, key, { after: null, signal })) {
      const name = entry.key.slice(above);
      if (entry.kind === 'folder') yield { name: safe(name) };
      else yield fileOf(bucket, { ...entry.object, name }, signal);
    }
  }
}

interface Packed {
  key: string;
  name: string;
  sizeBytes: number;
  modifiedAt: number;
}

function fileOf(bucket: Bucket, { key, name, sizeBytes, modifiedAt }: Packed, signal: AbortSignal): ArchiveEntry {
  return {
    name: safe(name),
    lastModified: new Date(modifiedAt),
    size: sizeBytes,
    input: contentOf(bucket, { key, sizeBytes }, signal),
  };
}

/** Opened when it is asked for. A file that changed its length since it was listed breaks the zip: half a truth would be worse. */
async function* contentOf(
  bucket: Bucket,
  { key, sizeBytes }: { key: string; sizeBytes: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const { info, body } = await bucket.get(key, { signal });
  if (info.sizeBytes !== sizeBytes) {
    body.destroy();
    throw new AppError('conflict', `“${key}” changed while it was being packed. Try again.`);
  }
  yield* body;
}

/** Some programs that unpack take a backslash for a slash. */
function safe(name: string): string {
  return name.replaceAll('\\', '_');
}
