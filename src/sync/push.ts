/**
 * The workspace's side of a round: what changed here goes to the bucket, every write and delete on the condition that the object
 * is still the one we know. Where it is not, the other side's content is kept as a copy under a name that says so.
 */
import { AppError, isAppError } from '../domain/errors.ts';
import { parentFolder } from '../domain/storage.ts';
import { runningCrc32c } from '../ports/storage/checksum.ts';
import type { ObjectInfo, PutCondition } from '../ports/storage/storage.ts';
import { type FileStat, sameAttributes, sameContentStat, toMetadata } from './attributes.ts';
import { conflictName } from './conflict-name.ts';
import { type Content, readContent } from './content.ts';
import { inParallel } from './in-parallel.ts';
import type { ChangedFile, Tree } from './scan.ts';
import { fullPath, look, type Round, type Workspace } from './workspace.ts';

export interface PushOptions extends Round {
  /** Keys that the bucket is known to have without our knowing the content. */
  met: ReadonlySet<string>;
  /** Missing in the look before, too. */
  longMissing: ReadonlySet<string>;
  /** Whether a file that changes all the time has its turn. */
  isDue(path: string): boolean;
  /** Told after each upload. */
  sent(path: string, durationMs: number): void;
  /** Told when the bucket turned out to be changed by somebody else: the next round should look there. */
  surprised(): void;
}

/** Conflicts of one path in a row before it is left to the next round. */
const MAX_TURNS = 5;
/** Failures without a success between them after which the bucket counts as out of reach. */
const MAX_FAILURES = 8;
/** A file that the bucket refuses says so; the others go on. */
const OUT_OF_REACH = new Set(['unavailable', 'deadline_exceeded', 'permission_denied', 'unauthenticated', 'internal']);

/**
 * @returns the first failure of a single file, or null
 * @throws AppErrors when the bucket does not answer
 */
export async function push(workspace: Workspace, tree: Tree, options: PushOptions): Promise<AppError | null> {
  const failures = countFailures();
  const missing = new Set(tree.missing);
  const width = workspace.width;
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    options.signal.throwIfAborted();
    try {
      await work();
      failures.success();
    } catch (error) {
      options.signal.throwIfAborted();
      failures.failure(error);
    }
  };
  const changed = [...tree.changed].sort(byCausality);
  const inTheWay = obstacles(changed, missing);
  await inParallel(inTheWay, width, (path) => attempt(() => removeThere(workspace, path, { ...options, tree })));
  if (inTheWay.length > 0) await removeFolders(workspace, tree, options, attempt);
  const movedFrom = renames(workspace, changed, missing);
  const [first, last] = [
    changed.filter((file) => !comesLast(file.path)),
    changed.filter((file) => comesLast(file.path)),
  ];
  for (const files of [first, last]) {
    await inParallel(files, width, (file) =>
      attempt(async () => {
        if (options.isDue(file.path))
          await send(workspace, file, { ...options, from: movedFrom.get(file.path) ?? null });
      }),
    );
  }
  await keepFolders(workspace, tree, attempt);
  const moved = new Set(movedFrom.values());
  const gone = tree.missing.filter((path) => options.longMissing.has(path) || moved.has(path));
  await inParallel(gone, width, (path) => attempt(() => removeThere(workspace, path, { ...options, tree })));
  await removeFolders(workspace, tree, options, attempt);
  return failures.first();
}

function countFailures() {
  let inRow = 0;
  let first: AppError | null = null;
  return {
    success() {
      inRow = 0;
    },
    failure(error: unknown) {
      const known = isAppError(error) ? error : readFailure(error);
      first ??= known;
      if (!OUT_OF_REACH.has(known.code)) return;
      inRow += 1;
      if (inRow >= MAX_FAILURES) throw known;
    },
    first: () => first,
  };
}

function readFailure(error: unknown): AppError {
  const { code, message } = error as NodeJS.ErrnoException;
  const sentence = code === undefined ? 'A file could not be sent.' : `A file could not be read (${message}).`;
  return new AppError('failed_precondition', sentence, { cause: error });
}

/** Older changes first: what a program writes last usually points to what it wrote before. */
function byCausality(a: ChangedFile, b: ChangedFile): number {
  return a.stat.mtimeMs - b.stat.mtimeMs;
}

/** Git's references and its own index name objects: those must be there before. */
function comesLast(path: string): boolean {
  return /(^|\/)\.git\/(?!objects\/)/.test(path);
}

/** Objects that would lie above or below a new one: stores that are folders refuse both together. */
function obstacles(changed: readonly ChangedFile[], missing: ReadonlySet<string>): string[] {
  if (missing.size === 0) return [];
  const found = new Set<string>();
  const names = new Set(changed.map(({ path }) => path));
  for (const path of names) {
    for (let above = parentFolder(path); above !== ''; above = parentFolder(above)) {
      if (missing.has(above)) found.add(above);
    }
  }
  for (const path of missing) {
    for (let above = parentFolder(path); above !== ''; above = parentFolder(above)) {
      if (names.has(above)) found.add(path);
    }
  }
  return [...found];
}

/** New path → the missing one that was the same file: inode, size and time moved with it. */
function renames(
  { index }: Workspace,
  changed: readonly ChangedFile[],
  missing: ReadonlySet<string>,
): Map<string, string> {
  const byInode = new Map<number, string>();
  for (const path of missing) {
    const entry = index.get(path);
    if (entry && entry.group === null) byInode.set(entry.ino, path);
  }
  const found = new Map<string, string>();
  if (byInode.size === 0) return found;
  for (const { path, stat, group } of changed) {
    const from = byInode.get(stat.ino);
    const entry = from === undefined ? undefined : index.get(from);
    if (!entry || from === undefined || group !== null || index.get(path)) continue;
    if (sameContentStat(entry, stat) && entry.mode === stat.mode) found.set(path, from);
  }
  return found;
}

async function send(
  workspace: Workspace,
  file: ChangedFile,
  { from, met, sent, surprised, signal }: PushOptions & { from: string | null },
): Promise<void> {
  const { report, staging, now } = workspace;
  const { path } = file;
  if (from !== null && !met.has(path) && (await copyThere(workspace, { file, from, signal }))) {
    report.done(path);
    return;
  }
  const started = performance.now();
  const content = await readContent(fullPath(workspace, path), file, { staging, now, signal });
  if (!content) {
    if (look(workspace, path) === null) report.done(path);
    return;
  }
  try {
    if (await store(workspace, path, { content, met: met.has(path), surprised, signal })) report.done(path);
  } finally {
    await content.release();
    sent(path, performance.now() - started);
  }
}

/** A rename costs no upload. @returns false when the copy is not certainly this content */
async function copyThere(
  { bucket, index }: Workspace,
  { file, from, signal }: { file: ChangedFile; from: string; signal: AbortSignal },
): Promise<boolean> {
  const entry = index.get(from);
  if (!entry) return false;
  let info: ObjectInfo;
  index.intend(file.path, entry.crc32c);
  try {
    info = await bucket.copy(from, file.path, { condition: { ifAbsent: true }, signal });
  } catch (error) {
    if (isAppError(error) && (error.code === 'conflict' || error.code === 'not_found')) return false;
    throw error;
  }
  if (info.crc32c !== entry.crc32c) return false;
  index.set(file.path, { ...entry, ...file.stat, version: info.version, group: null });
  return true;
}

/** @returns false when the file changed meanwhile, or others change the object all the time */
async function store(
  workspace: Workspace,
  path: string,
  { content, met, surprised, signal }: { content: Content; met: boolean; surprised: () => void; signal: AbortSignal },
): Promise<boolean> {
  const { bucket, index } = workspace;
  const { stat, group, crc32c } = content;
  const entry = index.get(path);
  if (
    entry &&
    entry.crc32c === crc32c &&
    entry.kind === stat.kind &&
    (entry.mode === stat.mode || stat.kind === 'link')
  ) {
    remember(workspace, path, { stat, group, crc32c, version: entry.version });
    return true;
  }
  let known: { version: string } | null = entry ?? null;
  let unsure = met && !entry;
  for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
    if (unsure) {
      const there = await headOrNull(workspace, path, signal);
      unsure = false;
      known = there;
      if (there && (await sameThere(workspace, there, { content, signal }))) {
        if (sameAttributes(there.metadata, stat)) {
          remember(workspace, path, { stat, group, crc32c, version: there.version });
          return true;
        }
      } else if (there && !index.isIntended(path, there.crc32c)) await keepOther(workspace, path, signal);
    }
    const condition: PutCondition | undefined = known
      ? bucket.capabilities.versions
        ? { ifVersion: known.version }
        : undefined
      : { ifAbsent: true };
    const refused = index.intend(path, crc32c);
    try {
      const { sizeBytes } = content;
      const metadata = toMetadata(stat);
      const info = await bucket.put(path, content.body(), { condition, sizeBytes, crc32c, metadata, signal });
      remember(workspace, path, { stat, group, crc32c, version: info.version });
      return true;
    } catch (error) {
      if (!isAppError(error)) throw error;
      // Else a store that is full for a while would crowd out what did arrive.
      if (error.details?.outcome === 'not_applied') refused();
      if (error.code === 'invalid_argument' && !(await content.holds())) return false;
      if (error.code === 'conflict' || error.code === 'failed_precondition') surprised();
      if (error.code !== 'conflict') throw error;
      unsure = true;
    }
  }
  return false;
}

function remember(
  { index }: Workspace,
  path: string,
  { stat, ...rest }: { stat: FileStat; group: string | null; crc32c: string; version: string },
): void {
  index.set(path, { ...stat, ...rest });
}

async function headOrNull({ bucket }: Workspace, key: string, signal: AbortSignal): Promise<ObjectInfo | null> {
  try {
    return await bucket.head(key, { signal });
  } catch (error) {
    if (isAppError(error) && error.code === 'not_found') return null;
    throw error;
  }
}

/** After an answer that was lost, or a state that was, the object may be ours already. */
async function sameThere(
  { bucket }: Workspace,
  there: ObjectInfo,
  { content, signal }: { content: Content; signal: AbortSignal },
): Promise<boolean> {
  if (there.sizeBytes !== content.sizeBytes) return false;
  if (there.crc32c) return there.crc32c === content.crc32c;
  const { body } = await bucket.get(there.key, { signal });
  const sum = runningCrc32c();
  for await (const chunk of body) sum.update(chunk);
  return sum.value() === content.crc32c;
}

/** Copies what the bucket has at a path to a name that says why. */
export async function keepOther(workspace: Workspace, path: string, signal: AbortSignal): Promise<void> {
  const { bucket, report, now } = workspace;
  const at = now();
  for (let attempt = 1; ; attempt += 1) {
    const copy = conflictName(path, at, attempt);
    try {
      await bucket.copy(path, copy, { condition: { ifAbsent: true }, signal });
      report.conflict({ path, copy, at });
      return;
    } catch (error) {
      if (isAppError(error) && error.code === 'not_found') return;
      if (!isAppError(error) || error.code !== 'conflict') throw error;
    }
  }
}

async function removeThere(
  workspace: Workspace,
  path: string,
  { tree, surprised, signal }: { tree: Tree; surprised: () => void; signal: AbortSignal },
): Promise<void> {
  const { bucket, index, report } = workspace;
  const entry = index.get(path);
  const here = look(workspace, path);
  // It came back, or was only moved while we looked; a journal is there but no object of its own.
  if (!entry || (here !== null && here !== 'other' && !tree.journals.has(path))) return;
  try {
    await bucket.delete(path, { ifVersion: bucket.capabilities.versions ? entry.version : undefined, signal });
  } catch (error) {
    if (!isAppError(error) || error.code !== 'conflict') throw error;
    // Changed there by others: the next listing brings it back. Gone there, too: fine.
    if (!(await removeOwn(workspace, path, signal))) surprised();
  }
  index.delete(path);
  // Whether its folder is still there is the store's affair.
  if (index.isMarked(parentFolder(path))) index.markFolder(parentFolder(path), false);
  report.removed(1);
}

/** Removes an object that is our own write whose answer never came. @returns false when it is not certainly that */
export async function removeOwn(workspace: Workspace, path: string, signal: AbortSignal): Promise<boolean> {
  const { bucket, index } = workspace;
  if (!index.hasIntents(path) || !bucket.capabilities.versions) return false;
  const there = await headOrNull(workspace, path, signal);
  if (!there || !index.isIntended(path, there.crc32c)) return false;
  try {
    await bucket.delete(path, { ifVersion: there.version, signal });
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === 'conflict') return false;
    throw error;
  }
}

type Attempt = (work: () => Promise<void>) => Promise<void>;

async function keepFolders({ bucket, index, width }: Workspace, tree: Tree, attempt: Attempt): Promise<void> {
  if (!bucket.capabilities.folders) return;
  const empty = new Set(tree.emptyFolders);
  for (const [folder, { marked }] of [...index.folders()]) {
    if (marked && !empty.has(folder)) index.markFolder(folder, false);
  }
  const wanted = tree.emptyFolders.filter((folder) => !index.isMarked(folder));
  await inParallel(wanted, width, (folder) =>
    attempt(async () => {
      await bucket.createFolder(folder);
      index.markFolder(folder, true);
    }),
  );
}

async function removeFolders(workspace: Workspace, tree: Tree, { signal }: Round, attempt: Attempt): Promise<void> {
  const { bucket, index } = workspace;
  const holding = new Set<string>();
  for (const path of tree.missing) {
    if (!index.get(path)) continue;
    for (let above = parentFolder(path); above !== ''; above = parentFolder(above)) holding.add(above);
  }
  // Deepest first: one that holds another is not empty.
  const gone = tree.missingFolders.sort((a, b) => b.split('/').length - a.split('/').length);
  for (const folder of gone) {
    if (holding.has(folder) || look(workspace, folder) === 'other') continue;
    await attempt(async () => {
      try {
        if (bucket.capabilities.folders) await bucket.deleteFolder(folder, { signal });
      } catch (error) {
        // Somebody keeps something in it: then it comes back with that.
        if (!isAppError(error) || (error.code !== 'failed_precondition' && error.code !== 'not_found')) throw error;
      }
      index.deleteFolder(folder);
    });
  }
}
