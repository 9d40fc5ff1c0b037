/** What people see of a storage. */
import type { StorageRow } from '../../../prisma-free-db/repositories/storages.ts';
import type { Phase } from '../../domain/environment.ts';
import type { EnvironmentId, StorageId } from '../../domain/ids.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';

export interface StorageView {
  id: StorageId;
  displayName: string;
  /** Name of the bucket at its provider; for `local` a folder of this name. */
  bucket: string;
  provider: string;
  status: StorageRow['status'];
  failure: string | null;
  sizeBytes: number | null;
  objects: number | null;
  measuredAt: number | null;
  createdAt: number;
  usedBy: { id: EnvironmentId; name: string; phase: Phase }[];
}

export function storageView(deps: Deps, row: StorageRow): StorageView {
  const { ownerId: _owner, ...rest } = row;
  return { ...rest, usedBy: deps.environments.usingStorage(row.id) };
}

export function listStorages(deps: Deps, actor: Actor): StorageView[] {
  return deps.storages.listOwned(actor.userId).map((row) => storageView(deps, row));
}
