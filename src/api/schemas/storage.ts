/** Shapes of storages and files as the API gives them. */
import { z } from 'zod';
import type { EnvironmentId, FileJobId, StorageId, UploadId, UserId } from '../../domain/ids.ts';
import { FILE_JOB_KINDS, FILE_JOB_STATUSES, STORAGE_STATUSES } from '../../domain/storage.ts';
import { phase } from './environment.ts';

export const displayName = z
  .string()
  .trim()
  .min(1, 'Give it a name.')
  .max(64, 'At most 64 characters.')
  .refine((name) => !/\p{C}/u.test(name), 'The name holds a character that cannot be shown.');

const setting = z.object({
  setting: z.string(),
  state: z.enum(['on', 'off', 'lacking']),
  reason: z.string().nullable(),
});

const storageWork = z.object({
  kind: z.enum(['create', 'delete']),
  steps: z.array(z.object({ step: z.string(), at: z.number().nullable() })),
  waiting: z.string().nullable(),
  removed: z.number().nullable(),
  total: z.number().nullable(),
  cancellable: z.boolean(),
  since: z.number(),
});

const usedBy = z.array(z.object({ id: z.custom<EnvironmentId>(), name: z.string(), phase }));

export const storage = z.object({
  id: z.custom<StorageId>(),
  displayName: z.string(),
  bucket: z.string(),
  provider: z.string(),
  place: z.string().nullable(),
  status: z.enum(STORAGE_STATUSES),
  failure: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  objects: z.number().nullable(),
  measuredAt: z.number().nullable(),
  createdAt: z.number(),
  storageClass: z.string().nullable(),
  location: z.string().nullable(),
  keepVersionsDays: z.number(),
  access: z.string().nullable(),
  settings: z.array(setting),
  settingsAt: z.number().nullable(),
  drift: z.array(z.string()),
  work: storageWork.nullable(),
  capabilities: z
    .object({
      versions: z.boolean(),
      history: z.boolean(),
      signedUrls: z.boolean(),
      uploads: z.boolean(),
      atomicMove: z.boolean(),
      folders: z.boolean(),
      keysMayNest: z.boolean(),
    })
    .nullable(),
  usedBy,
});

export const storageOptions = z.object({
  provider: z.string(),
  storageClasses: z.array(z.object({ name: z.string(), label: z.string() })),
  keepVersionsDays: z.number(),
});

export const deletionNotice = z.object({
  objects: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  usedBy,
  lost: z.string(),
  recoverable: z.string(),
});

const amount = { sizeBytes: z.number(), objects: z.number() };

export const storageUsage = z.object({
  sizeBytes: z.number().nullable(),
  objects: z.number().nullable(),
  measuredAt: z.number().nullable(),
  storageClass: z.string().nullable(),
  samples: z.array(z.object({ day: z.string(), ...amount })),
  folders: z.array(z.object({ name: z.string(), ...amount })),
  foldersAt: z.number().nullable(),
  foldersPartial: z.boolean(),
});

export const orphans = z.object({
  buckets: z.array(
    z.object({
      provider: z.string(),
      bucket: z.string(),
      createdAt: z.number(),
      owner: z.string().nullable(),
      storage: z.string().nullable(),
    }),
  ),
  records: z.array(
    z.object({
      id: z.custom<StorageId>(),
      provider: z.string(),
      bucket: z.string(),
      displayName: z.string(),
      ownerId: z.custom<UserId>(),
      status: z.enum(STORAGE_STATUSES),
    }),
  ),
  unreachable: z.array(z.object({ provider: z.string(), message: z.string() })),
});

export const fileJob = z.object({
  id: z.custom<FileJobId>(),
  storageId: z.custom<StorageId>(),
  kind: z.enum(FILE_JOB_KINDS),
  status: z.enum(FILE_JOB_STATUSES),
  first: z.string(),
  items: z.number(),
  target: z.string().nullable(),
  done: z.number(),
  total: z.number().nullable(),
  failures: z.array(z.object({ key: z.string(), code: z.string(), message: z.string() })),
  failedCount: z.number(),
  message: z.string().nullable(),
  undo: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
  finishedAt: z.number().nullable(),
});

export const fileFacts = z.object({
  key: z.string(),
  name: z.string(),
  sizeBytes: z.number(),
  modifiedAt: z.number(),
  version: z.string(),
  contentType: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  crc32c: z.string().nullable(),
  versionId: z.string().nullable(),
});

export const fileVersion = z.object({
  versionId: z.string(),
  sizeBytes: z.number(),
  modifiedAt: z.number(),
  replacedAt: z.number().nullable(),
});

export const deletedFile = z.object({
  key: z.string(),
  name: z.string(),
  versionId: z.string(),
  sizeBytes: z.number(),
  modifiedAt: z.number(),
  deletedAt: z.number(),
});

export const startedUpload = z.object({
  uploadId: z.custom<UploadId>(),
  partSizeBytes: z.number(),
  parts: z.number(),
  direct: z.boolean(),
});

export const unfinishedUpload = z.object({
  uploadId: z.custom<UploadId>(),
  key: z.string(),
  sizeBytes: z.number(),
  partSizeBytes: z.number(),
  createdAt: z.number(),
});

export const uploadPart = z.object({ number: z.number(), sizeBytes: z.number() });
export const signedPart = z.object({
  number: z.number(),
  request: z.object({
    method: z.enum(['GET', 'PUT']),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
  }),
});

export const fileEntry = z.object({
  kind: z.enum(['file', 'folder']),
  key: z.string(),
  name: z.string(),
  sizeBytes: z.number().nullable(),
  modifiedAt: z.number().nullable(),
  version: z.string().nullable(),
});

/** A folder as a key prefix: empty for the root, else ending in a slash. */
export const folder = z
  .string()
  .max(1024)
  .regex(/^$|\/$/, 'A folder ends in a slash.');
export const key = z.string().min(1).max(1024);
/** One of the store's own names for a content. */
export const versionId = z.string().min(1).max(1024);
export const clientKey = z.string().min(8).max(64);
