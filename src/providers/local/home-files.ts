/**
 * Puts the files of a person's settings into the home folder before an environment starts, and takes away those that are not kept
 * any more. Never follows a link, never overwrites what the person made or changed by hand: a list in the home says by hash what was
 * written here. It names a content before that is written, so that a crash between the two does not make a file of ours a stranger.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { AppError } from '../../domain/errors.ts';
import { homePathFault, MAX_FILE_BYTES } from '../../domain/secrets.ts';
import type { HomeFile } from '../../ports/spawner/spawner.ts';
import { at, openFolderAt } from './storage/anchored.ts';

const FOLDER = '.cmbcluster';
const LIST = 'files.json';
const LIST_BYTES = 1024 * 1024;
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
/** What the person did to a path: it stays so, and the log says it. */
const IN_THE_WAY = new Set(['ELOOP', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EACCES', 'EPERM', 'ENXIO', 'ENAMETOOLONG']);

/** Hashes of the contents that were written to each path, and may be there. */
type Written = Map<string, readonly string[]>;

/** @returns a line for the environment's log for each file that could not be put in its place. @throws unavailable when the disk is full or fails */
export async function placeHomeFiles(home: string, files: readonly HomeFile[]): Promise<string[]> {
  try {
    return await place(home, files);
  } catch (cause) {
    throw new AppError('unavailable', 'The files of your settings could not be written to the disk of this machine.', {
      cause,
    });
  }
}

async function place(home: string, files: readonly HomeFile[]): Promise<string[]> {
  const before = await readList(home);
  if (before === 'in the way')
    return files.length > 0 ? [`The files of your settings were not written: ~/${FOLDER} is not a folder.`] : [];
  if (files.length === 0 && before.size === 0) return [];
  const wanted = files.map((file) => ({ ...file, hash: hashOf(file.content) }));
  const during: Written = new Map(before);
  for (const { path, hash } of wanted) during.set(path, [...new Set([hash, ...(before.get(path) ?? [])])]);
  await writeList(home, during);

  const after: Written = new Map();
  const notices: string[] = [];
  for (const [path, hashes] of before)
    if (!wanted.some((file) => file.path === path)) await unlessInTheWay(removeOurs(home, path, hashes));
  for (const { path, content, hash } of wanted) {
    const placed = await unlessInTheWay(placeOne(home, { path, content, hash, ours: before.get(path) ?? [] }));
    if (placed === 'ours') after.set(path, [hash]);
    if (placed === null) notices.push(`~/${path} was not written from your settings: ${OBSTACLE}`);
    if (placed === 'by hand') notices.push(`~/${path} was not written from your settings: ${BY_HAND}`);
  }
  await writeList(home, after);
  return notices;
}

const OBSTACLE = 'a link, a file or a closed folder is in the way.';
const BY_HAND =
  'the file there was made or changed by hand. Move it away and restart to get the one from your settings.';

function placeOne(
  home: string,
  file: { path: string; content: Uint8Array; hash: string; ours: readonly string[] },
): Promise<'ours' | 'same' | 'by hand'> {
  const { folders, name } = split(file.path);
  return withFolder(home, folders, true, async (folder) => {
    const found = await hashAt(folder, name);
    if (found !== null && !file.ours.includes(found)) return found === file.hash ? 'same' : 'by hand';
    if (found === file.hash) {
      await makePrivate(folder, name);
      return 'ours';
    }
    const staged = at(folder, `.cmbcluster-${createHash('sha256').update(file.path).digest('hex').slice(0, 16)}`);
    await unlessMissing(unlink(staged));
    try {
      await writeNew(staged, file.content);
      // link(2) refuses what somebody put there meanwhile; rename(2) replaces what was ours.
      if (found === null) await link(staged, at(folder, name));
      else await rename(staged, at(folder, name));
    } finally {
      await unlessMissing(unlink(staged));
    }
    return 'ours';
  });
}

async function removeOurs(home: string, path: string, ours: readonly string[]): Promise<void> {
  const { folders, name } = split(path);
  await unlessMissing(
    withFolder(home, folders, false, async (folder) => {
      const found = await hashAt(folder, name);
      if (found !== null && ours.includes(found)) await unlink(at(folder, name));
    }),
  );
}

/** null when there is nothing; the hash of no content at all for what is no plain file, so that it is nobody's of ours. */
async function hashAt(folder: FileHandle, name: string): Promise<string | null> {
  const file = await unlessMissing(open(at(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return null;
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) return 'none of ours';
    return hashOf(await file.readFile());
  } finally {
    await file.close();
  }
}

async function makePrivate(folder: FileHandle, name: string): Promise<void> {
  const file = await open(at(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (((await file.stat()).mode & 0o077) !== 0) await file.chmod(0o600);
  } finally {
    await file.close();
  }
}

async function writeNew(path: string | Buffer, content: Uint8Array): Promise<void> {
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(content);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Walks name by name, each folder opened without following a link and the next one sought within it. */
async function withFolder<T>(
  home: string,
  names: readonly string[],
  create: boolean,
  use: (folder: FileHandle) => Promise<T>,
): Promise<T> {
  let folder = await openFolderAt(home);
  try {
    for (const name of names) {
      if (create) await mkdir(at(folder, name), { mode: 0o700 }).catch(ignore('EEXIST'));
      const next = await openFolderAt(at(folder, name));
      await folder.close();
      folder = next;
    }
    return await use(folder);
  } finally {
    await folder.close();
  }
}

/** What cannot be read as a list is none: then everything there counts as the person's own. */
async function readList(home: string): Promise<Written | 'in the way'> {
  try {
    const text = await withFolder(home, [FOLDER], false, async (folder) => {
      const file = await open(at(folder, LIST), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const stat = await file.stat();
        return stat.isFile() && stat.size <= LIST_BYTES ? await file.readFile('utf8') : '';
      } finally {
        await file.close();
      }
    });
    return parseList(text);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return new Map();
    if (IN_THE_WAY.has(code)) return 'in the way';
    throw error;
  }
}

/** The list lies where the person's programs can write: a path that we would not have written leads nowhere. */
function parseList(text: string): Written {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(
      Object.entries(value).flatMap(([path, hashes]): [string, string[]][] =>
        homePathFault(path) === null && Array.isArray(hashes)
          ? [[path, hashes.filter((hash) => typeof hash === 'string')]]
          : [],
      ),
    );
  } catch {
    return new Map();
  }
}

async function writeList(home: string, written: Written): Promise<void> {
  await withFolder(home, [FOLDER], true, async (folder) => {
    const staged = at(folder, `${LIST}.new`);
    await unlessMissing(unlink(staged));
    await writeNew(staged, Buffer.from(JSON.stringify(Object.fromEntries(written))));
    await rename(staged, at(folder, LIST));
  });
}

function split(path: string): { folders: string[]; name: string } {
  const parts = path.split('/');
  return { folders: parts.slice(0, -1), name: parts.at(-1) ?? '' };
}

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function ignore(code: string): (error: unknown) => null {
  return (error) => {
    if (codeOf(error) !== code) throw error;
    return null;
  };
}

const unlessMissing = <T>(work: Promise<T>): Promise<T | null> => work.catch(ignore('ENOENT'));

async function unlessInTheWay<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (IN_THE_WAY.has(codeOf(error))) return null;
    throw error;
  }
}
