/**
 * Orders for many files at once: a row first, the work by the reconciler. Small ones are done before the order is answered;
 * large ones go on while the browser follows, or is closed.
 */
import type { FileJobRow } from '../../../prisma-free-db/repositories/file-work.ts';
import { AppError } from '../../domain/errors.ts';
import { type FileJobId, newFileJobId, randomText, type StorageId } from '../../domain/ids.ts';
import {
  checkKey,
  type FileJobItem,
  type FileJobKind,
  type FileJobStatus,
  type FileProblem,
} from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import { type AuditAction, record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { ownedBucket } from '../storage/files.ts';
import { ownedStorage } from '../storage/owned.ts';

const ANSWER_WITHIN_MS = 2_000;
const RUNNING_AT_ONCE = 5;
const RECENT_MS = 3_600_000;
const KEYS_ON_RECORD = 20;

export interface FileJobView {
  id: FileJobId;
  storageId: StorageId;
  kind: FileJobKind;
  status: FileJobStatus;
  /** Key of the first chosen item. */
  first: string;
  /** How many were chosen. */
  items: number;
  /** Where the first one goes. */
  target: string | null;
  /** Files done; a folder that is moved in one step counts as one. */
  done: number;
  total: number | null;
  failures: FileProblem[];
  failedCount: number;
  /** Of a failed job: why. Of a running one: what it waits for. */
  message: string | null;
  undo: boolean;
  createdAt: number;
  updatedAt: number;
  finishedAt: number | null;
}

export function fileJobView(row: FileJobRow): FileJobView {
  const { id, storageId, kind, status, items, done, total, failures, failedCount, message } = row;
  return {
    ...{ id, storageId, kind, status, done, total, failures, failedCount, message },
    first: items[0]?.key ?? '',
    items: items.length,
    target: items[0]?.to ?? null,
    undo: row.undo && status !== 'running',
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    finishedAt: row.finishedAt,
  };
}

interface Order {
  id: StorageId;
  kind: FileJobKind;
  items: FileJobItem[];
  /** Chosen by the client; the same key again answers the job of the first call. */
  clientKey?: string;
}

/** @throws not_found; failed_precondition; invalid_argument for keys; resource_exhausted with too many jobs under way */
export async function orderFileJob(deps: Deps, actor: Actor, order: Order): Promise<FileJobView> {
  const { capabilities } = ownedBucket(deps, actor, order.id);
  checkItems(order.items);
  if (order.kind === 'restore' && !capabilities.history)
    throw new AppError('unimplemented', 'This storage keeps no deleted files and no older versions.');
  const row = deps.db.write(() => {
    const again = order.clientKey && deps.fileWork.findJobByClientKey(actor.userId, order.clientKey);
    return again || insert(deps, actor, { ...order, undo: canBeUndone(order.kind, capabilities) });
  });
  return fileJobView(await settled(deps, row));
}

function canBeUndone(kind: FileJobKind, { history }: { history: boolean }): boolean {
  return kind === 'move' || (kind === 'delete' && history);
}

function checkItems(items: readonly FileJobItem[]): void {
  for (const { key, to, undoOf } of items) {
    if (undoOf !== undefined) continue;
    checkKey(key.endsWith('/') ? key.slice(0, -1) : key);
    if (to === undefined) continue;
    if (key.endsWith('/') !== to.endsWith('/'))
      throw new AppError('invalid_argument', 'A folder stays a folder, a file a file.');
    checkKey(to.endsWith('/') ? to.slice(0, -1) : to);
  }
}

/** Inside `db.write`. */
function insert(deps: Deps, actor: Actor, order: Order & { undo: boolean }): FileJobRow {
  if (deps.fileWork.countRunningJobs(actor.userId) >= RUNNING_AT_ONCE)
    throw new AppError(
      'resource_exhausted',
      'Several large changes are under way already. Wait until one of them is done.',
      {
        retryable: true,
      },
    );
  const { id: storageId, kind, undo } = order;
  const now = deps.now();
  const items = order.items.filter(({ key, to }) => key !== to);
  const row: FileJobRow = {
    ...{ id: newFileJobId(), storageId, ownerId: actor.userId, kind, items, undo },
    clientKey: order.clientKey ?? randomText(20),
    status: 'running',
    ...{ position: 0, cursor: null, attempt: 0, done: 0, total: null, failures: [], failedCount: 0, message: null },
    ...{ createdAt: now, updatedAt: now, finishedAt: null },
  };
  deps.fileWork.insertJob(row);
  const action: AuditAction = `object.${kind}`;
  record(deps, actor, {
    action,
    ownerId: actor.userId,
    targetId: storageId,
    targetName: items[0]?.key ?? null,
    details: {
      job: row.id,
      items: items.length,
      keys: items.slice(0, KEYS_ON_RECORD).map(({ key, to }) => (to ? [key, to] : key)),
    },
  });
  deps.feed.publish(actor.userId, 'fileJob', row.id);
  deps.db.afterCommit(() => deps.wake({ fileJobId: row.id }));
  return row;
}

/** The job once it ended, or as it is when that takes longer than a person likes to wait. */
async function settled(deps: Deps, row: FileJobRow): Promise<FileJobRow> {
  const now = () => deps.fileWork.findJob(row.id) ?? row;
  if (now().status !== 'running') return now();
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
      resolve();
    };
    const timer = setTimeout(end, ANSWER_WITHIN_MS);
    const unsubscribe = deps.feed.subscribe(row.ownerId, (signal) => {
      if (signal.type === 'event' && signal.row.targetId === row.id && now().status !== 'running') end();
    });
  });
  return now();
}

/** @throws not_found */
export function getFileJob(deps: Deps, actor: Actor, input: { id: StorageId; jobId: FileJobId }): FileJobView {
  return fileJobView(ownedJob(deps, actor, input));
}

function ownedJob(deps: Deps, actor: Actor, input: { id: StorageId; jobId: FileJobId }): FileJobRow {
  const row = deps.fileWork.findOwnedJob(actor.userId, input.jobId);
  if (!row || row.storageId !== input.id) throw new AppError('not_found', 'This change is not on record any more.');
  return row;
}

/** Running ones and those of the last hour, newest first. */
export function listFileJobs(deps: Deps, actor: Actor, id: StorageId): FileJobView[] {
  ownedStorage(deps, actor, id);
  return deps.fileWork.recentJobs(actor.userId, id, deps.now() - RECENT_MS).map(fileJobView);
}

/** Ends it at the next file; what is done stays done. @throws not_found */
export function cancelFileJob(deps: Deps, actor: Actor, input: { id: StorageId; jobId: FileJobId }): FileJobView {
  return deps.db.write(() => {
    const row = ownedJob(deps, actor, input);
    if (row.status !== 'running') return fileJobView(row);
    const change = { status: 'cancelled', finishedAt: deps.now(), updatedAt: deps.now(), message: null } as const;
    deps.fileWork.updateJob(row.id, change);
    record(deps, actor, {
      action: 'object.cancel',
      ownerId: actor.userId,
      targetId: row.storageId,
      targetName: row.items[0]?.key ?? null,
      details: { job: row.id, kind: row.kind, done: row.done },
    });
    deps.feed.publish(actor.userId, 'fileJob', row.id);
    return fileJobView({ ...row, ...change });
  });
}

/** Takes a deletion or a move back, as a job of its own. @throws not_found; failed_precondition when it cannot be undone any more */
export function undoFileJob(
  deps: Deps,
  actor: Actor,
  input: { id: StorageId; jobId: FileJobId },
): Promise<FileJobView> {
  const row = ownedJob(deps, actor, input);
  const items = undoItems(row);
  if (!fileJobView(row).undo || items.length === 0)
    throw new AppError('failed_precondition', 'This change cannot be undone any more.');
  const kind = row.kind === 'move' ? 'move' : 'restore';
  return orderFileJob(deps, actor, { id: input.id, kind, items, clientKey: `undo-${row.id}` });
}

function undoItems(row: FileJobRow): FileJobItem[] {
  if (row.kind === 'delete') return [{ key: row.items[0]?.key ?? '', undoOf: row.id }];
  const left = new Set(row.failures.map(({ key }) => key));
  const moved = row.status === 'done' ? row.items : row.items.slice(0, row.position);
  return moved.flatMap(({ key, to }) => (to === undefined || left.has(key) ? [] : [{ key: to, to: key }])).reverse();
}
