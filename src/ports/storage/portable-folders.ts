/** Folders: what the store cannot do in one step is done object by object. */
import { isAppError } from '../../domain/errors.ts';
import { checkFolderPath, folderPrefix, isWithin, joinPath } from '../../domain/storage.ts';
import type { Ground } from './ground.ts';
import type { Objects } from './portable-objects.ts';
import { invalid, lacking, notApplied } from './refusals.ts';
import type { Bucket, ListPage } from './storage.ts';

type Folders = Pick<Bucket, 'createFolder' | 'deleteFolder' | 'moveFolder'>;

export function portableFolders({ driver, policy, run }: Ground, objects: Objects): Folders {
  const createFolder: Bucket['createFolder'] = async (path) => {
    checkFolderPath(path);
    const create = driver.createFolder?.bind(driver);
    if (!create) throw lacking('keep empty folders');
    return run('createFolder', {}, (s) => create(path, s));
  };

  const deleteFolder: Bucket['deleteFolder'] = async (path, { recursive = false, signal } = {}) => {
    checkFolderPath(path);
    const remove = driver.deleteFolder?.bind(driver);
    if (!remove) throw lacking('keep empty folders');
    if (!recursive) return run('deleteFolder', { signal }, (s) => remove(path, s));
    const removeTree = driver.deleteTree?.bind(driver);
    if (removeTree) return run('deleteTree', { signal, timeLimitMs: null }, (s) => removeTree(path, s));
    await eachPage(folderPrefix(path), signal, async (page) => {
      for (const { key } of page.objects) await objects.delete(key, { signal });
      for (const prefix of page.prefixes) await deleteFolder(prefix.slice(0, -1), { recursive, signal });
    });
    return run('deleteFolder', { signal }, (s) => remove(path, s));
  };

  const moveFolder: Bucket['moveFolder'] = async (from, to, { signal } = {}) => {
    checkFolderPath(from);
    checkFolderPath(to);
    if (isWithin(from, to)) throw invalid('to', 'A folder cannot be moved into itself.');
    if (!driver.capabilities.folders) throw lacking('keep empty folders');
    const atomic = driver.moveFolder?.bind(driver);
    if (atomic) {
      return run('moveFolder', { repeat: 'unless-applied', signal, timeLimitMs: policy.sweepMs }, (s) =>
        atomic(from, to, s),
      );
    }
    await checkFolderMove(from, to, signal);
    await createFolder(to);
    await eachPage(folderPrefix(from), signal, async (page) => {
      for (const { key } of page.objects) {
        const target = joinPath(to, key.slice(from.length + 1));
        await objects.move(key, target, { condition: { ifAbsent: true }, signal });
      }
      for (const prefix of page.prefixes) {
        await moveFolder(prefix.slice(0, -1), joinPath(to, prefix.slice(from.length + 1, -1)), { signal });
      }
    });
    await deleteFolder(from, { signal });
  };

  async function checkFolderMove(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
    // A folder shows as a prefix of the listing above it even when it is empty; the mark lies behind every key `<path>.…`.
    const has = async (path: string): Promise<boolean> => {
      const startAfter = `${path}.${'\u{10ffff}'.repeat(256)}`;
      const page = await objects.list({ prefix: path, delimiter: '/', pageSize: 1, startAfter, signal });
      return page.prefixes[0] === folderPrefix(path);
    };
    if (!(await has(from))) throw notApplied('not_found', 'There is no such folder.');
    if ((await has(to)) || (await exists(to, signal)))
      throw notApplied('conflict', 'There is already something of that name.');
  }

  function exists(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    return objects.head(key, { signal }).then(
      () => true,
      (error: unknown) => {
        if (isAppError(error) && error.code === 'not_found') return false;
        throw error;
      },
    );
  }

  async function eachPage(
    prefix: string,
    signal: AbortSignal | undefined,
    visit: (page: ListPage) => Promise<void>,
  ): Promise<void> {
    let startAfter: string | undefined;
    do {
      const page: ListPage = await objects.list({ prefix, delimiter: '/', startAfter, signal });
      await visit(page);
      startAfter = page.next ?? undefined;
    } while (startAfter !== undefined);
  }

  return { createFolder, deleteFolder, moveFolder };
}
