/** Shapes of storages and files as the API gives them. */
import { z } from 'zod';
import type { EnvironmentId, StorageId } from '../../domain/ids.ts';
import { phase } from './environment.ts';

export const displayName = z
  .string()
  .trim()
  .min(1, 'Give it a name.')
  .max(64, 'At most 64 characters.')
  .refine((name) => !/\p{C}/u.test(name), 'The name holds a character that cannot be shown.');

export const storage = z.object({
  id: z.custom<StorageId>(),
  displayName: z.string(),
  bucket: z.string(),
  provider: z.string(),
  status: z.enum(['creating', 'active', 'deleting', 'failed']),
  failure: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  objects: z.number().nullable(),
  measuredAt: z.number().nullable(),
  createdAt: z.number(),
  usedBy: z.array(z.object({ id: z.custom<EnvironmentId>(), name: z.string(), phase })),
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
