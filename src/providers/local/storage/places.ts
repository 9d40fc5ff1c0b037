/** Where an object goes: its folders and name, what may be replaced there, and how the refusals read. */
import type { BigIntStats } from 'node:fs';
import { link, lstat } from 'node:fs/promises';
import type { AppError } from '../../../domain/errors.ts';
import { parentFolder } from '../../../domain/storage.ts';
import type { PutCondition } from '../../../ports/storage/storage.ts';
import { obstructed } from './anchored.ts';
import { errnoOf, refused, unless } from './errors.ts';
import { versionOf } from './version.ts';

/** A folder that a racing call removed between walk and use is walked again this often. */
const WALKS = 5;

export interface Place {
  key: string;
  folders: string[];
  name: string;
}

export function placeOf(key: string): Place {
  const folders = parentFolder(key);
  return {
    key,
    folders: folders === '' ? [] : folders.split('/'),
    name: folders === '' ? key : key.slice(folders.length + 1),
  };
}

/** What is at the target now, if a file may be put there. */
export async function checkTarget(
  target: string | Buffer,
  condition: PutCondition | undefined,
): Promise<BigIntStats | null> {
  const current = await unless(['ENOENT'], lstat(target, { bigint: true }));
  if (current?.isSymbolicLink()) throw obstructed('link');
  if (current?.isDirectory()) throw refused('failed_precondition', 'There is a folder of that name.');
  if (current && !current.isFile())
    throw refused('failed_precondition', 'There is something of that name that is not a file.');
  if (!condition) return current;
  const holds = 'ifAbsent' in condition ? !current : current !== null && versionOf(current) === condition.ifVersion;
  if (!holds) throw changed();
  return current;
}

/** link(2) never replaces anything, so not even a file that appears this instant is lost. */
export async function linkNew(from: string | Buffer, to: string | Buffer): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw changed();
    throw error;
  }
}

/** ENOENT while we hold an open folder means that the folder itself was removed; walk again. */
export async function retryWalk<T>(run: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n += 1) {
    try {
      return await run();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || n >= WALKS) throw error;
    }
  }
}

export function sameContent(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

export function changed(): AppError {
  return refused('conflict', 'Somebody else changed the file in the meantime.');
}

export function taken(): AppError {
  return refused('conflict', 'There is already something of that name.');
}

export function noFolder(): AppError {
  return refused('not_found', 'There is no such folder.');
}

export function behindTheEnd(sizeBytes: number): AppError {
  return refused('invalid_argument', 'The asked part lies behind the end of the file.', { field: 'range', sizeBytes });
}
