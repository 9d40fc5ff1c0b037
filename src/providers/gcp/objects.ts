/** Objects as the JSON API describes them, and as the storage port does. Pure. */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { ObjectInfo, ObjectSummary, PutCondition, VersionSummary } from '../../ports/storage/storage.ts';
import { isGeneration } from './names.ts';

export const objectSchema = z.object({
  name: z.string(),
  size: z.string().default('0'),
  generation: z.string(),
  timeCreated: z.string(),
  timeDeleted: z.string().optional(),
  contentType: z.string().optional(),
  crc32c: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});
export type GcsObject = z.infer<typeof objectSchema>;

/** What a description needs; answers are short by it. */
export const OBJECT_FIELDS = 'name,size,generation,timeCreated,contentType,crc32c,metadata';

/**
 * Our own notes beside the writer's metadata; an underscore cannot occur in theirs. The store types what came without a type,
 * so that nobody said a type must be noted.
 */
const UNTYPED = 'cmbcluster_untyped';
/** Name of the upload in parts that an object came from. */
const UPLOAD = 'cmbcluster_upload';
const OWN = [UNTYPED, UPLOAD];

export function description(
  contentType: string | null,
  metadata: Record<string, string>,
  upload?: string,
): { contentType: string; metadata: Record<string, string> } {
  return {
    contentType: contentType ?? 'application/octet-stream',
    metadata: {
      ...metadata,
      ...(contentType === null ? { [UNTYPED]: '1' } : {}),
      ...(upload === undefined ? {} : { [UPLOAD]: upload }),
    },
  };
}

export function uploadOf(object: GcsObject): string | null {
  return object.metadata?.[UPLOAD] ?? null;
}

export function summaryOf(object: Pick<GcsObject, 'name' | 'size' | 'generation' | 'timeCreated'>): ObjectSummary {
  return {
    key: object.name,
    sizeBytes: Number(object.size),
    modifiedAt: Date.parse(object.timeCreated),
    version: object.generation,
  };
}

export function infoOf(object: GcsObject): ObjectInfo {
  const { metadata = {} } = object;
  return {
    ...summaryOf(object),
    contentType: UNTYPED in metadata ? null : (object.contentType ?? null),
    metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => !OWN.includes(name))),
    crc32c: object.crc32c ?? null,
    versionId: object.generation,
  };
}

export function versionOf(object: GcsObject): VersionSummary {
  return {
    key: object.name,
    versionId: object.generation,
    sizeBytes: Number(object.size),
    modifiedAt: Date.parse(object.timeCreated),
    replacedAt: object.timeDeleted === undefined ? null : Date.parse(object.timeDeleted),
  };
}

/** @throws conflict for a version that no object of this store can have */
export function ifGeneration(condition: PutCondition | undefined): string | undefined {
  if (!condition) return undefined;
  if ('ifAbsent' in condition) return '0';
  if (!isGeneration(condition.ifVersion)) throw changedMeanwhile();
  return condition.ifVersion;
}

/** @throws not_found for a version that no object of this store can have */
export function keptGeneration(versionId: string | undefined): string | undefined {
  if (versionId === undefined || isGeneration(versionId)) return versionId;
  throw new AppError('not_found', 'There is no such version of the file.', { details: { outcome: 'not_applied' } });
}

export function changedMeanwhile(): AppError {
  return new AppError('conflict', 'Somebody else changed the file in the meantime.', {
    details: { outcome: 'not_applied' },
  });
}
