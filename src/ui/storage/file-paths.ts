/** Names and places of files as the screens need them, on top of the rules of the domain. Pure. */
import { keyFault } from '../../domain/storage.ts';
import type { Outputs } from '../trpc-client.tsx';
import { numberedName } from './upload-queue.ts';

export type FileEntry = Outputs['files']['list']['entries'][number];

/** The folder prefix of the address: empty or ending in a slash, never beginning with one. */
export function readFolder(path: string | null): string {
  const clean = (path ?? '').replace(/^\/+/, '').replace(/\/+/g, '/');
  return clean === '' || clean.endsWith('/') ? clean : `${clean}/`;
}

/** `"a/b/" → "a/"`, `"a/" → ""`. */
export function folderAbove(folder: string): string {
  return folder.slice(0, folder.slice(0, -1).lastIndexOf('/') + 1);
}

/** `"a/b/" → [{name: "a", folder: "a/"}, {name: "b", folder: "a/b/"}]` */
export function folderTrail(folder: string): { name: string; folder: string }[] {
  const names = folder.split('/').slice(0, -1);
  return names.map((name, at) => ({ name, folder: `${names.slice(0, at + 1).join('/')}/` }));
}

/** Why this cannot be the name of something in the folder; null when it can. A sentence for people. */
export function nameFault(folder: string, name: string): string | null {
  if (name.includes('/')) return 'A name cannot hold a slash.';
  return keyFault(folder + name);
}

/** The key of an entry under another name in the same folder, or in another folder under the same name. */
export function renamedKey(
  entry: Pick<FileEntry, 'key' | 'kind' | 'name'>,
  to: { folder?: string; name?: string },
): string {
  const own = entry.key.slice(0, entry.key.length - entry.name.length - (entry.kind === 'folder' ? 1 : 0));
  return `${to.folder ?? own}${to.name ?? entry.name}${entry.kind === 'folder' ? '/' : ''}`;
}

/** Where copies go in the folder: under their own names, or with a number where that is the entry itself. */
export function copiesIn(
  folder: string,
  entries: readonly FileEntry[],
  known: readonly Pick<FileEntry, 'key'>[],
): { from: string; to: string }[] {
  const taken = new Set(known.map(({ key }) => key));
  return entries.map((entry) => {
    let to = renamedKey(entry, { folder });
    const numbered = (number: number) =>
      entry.kind === 'folder' ? `${entry.name} (${number})` : numberedName(entry.name, number);
    if (to === entry.key)
      for (let number = 2; taken.has(to) || to === entry.key; number += 1)
        to = renamedKey(entry, { folder, name: numbered(number) });
    taken.add(to);
    return { from: entry.key, to };
  });
}

/** Whether a folder would end up inside itself. */
export function isInsideItself(entry: Pick<FileEntry, 'key' | 'kind'>, target: string): boolean {
  return entry.kind === 'folder' && target.startsWith(entry.key);
}
