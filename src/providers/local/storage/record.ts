/** What is written down of a bucket: whose it is, and which of its settings were made. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../domain/errors.ts';
import type { BucketSetting, SettingState, WantedSettings } from '../../../ports/storage/storage.ts';
import { writeDurably } from './durable.ts';
import { unless } from './errors.ts';

const recordSchema = z.object({
  createdAt: z.number(),
  labels: z.record(z.string(), z.string()),
  storageClass: z.string(),
  /** Whether replaced and deleted contents are kept, and for how long; null = until somebody purges them. */
  keepsVersions: z.boolean().default(false),
  keepDays: z.number().nullable().default(null),
});

export type BucketRecord = z.infer<typeof recordSchema>;

export async function readRecord(path: string): Promise<BucketRecord | null> {
  const text = await unless(['ENOENT'], readFile(path, 'utf8'));
  if (text === null) return null;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('internal', 'The record of the bucket is damaged. The log names its file.', {
      details: { outcome: 'not_applied' },
      cause: new Error(`cannot read ${path}`, { cause }),
    });
  }
}

export function newRecord(createdAt: number): BucketRecord {
  return { createdAt, labels: {}, storageClass: 'standard', keepsVersions: false, keepDays: null };
}

export async function writeRecord(path: string, record: BucketRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, JSON.stringify(record));
}

export interface Keeping {
  keepsVersions: boolean;
  keepDays: number | null;
}

/** Whether versions are kept, asked at each change: another process may have made the setting just now. */
export function keepingOf(path: string): () => Promise<Keeping> {
  let seen = '';
  let known: Keeping = { keepsVersions: false, keepDays: null };
  return async () => {
    const now = await unless(['ENOENT'], stat(path, { bigint: true }));
    const times = now ? `${now.ino}:${now.mtimeNs}` : '';
    if (times === seen && seen !== '') return known;
    known = (await readRecord(path)) ?? { keepsVersions: false, keepDays: null };
    seen = times;
    return known;
  };
}

const NEEDLESS: Readonly<Partial<Record<BucketSetting, string>>> = {
  private: 'The permissions of the data folder decide who may look into it.',
  transport: 'Nothing is sent over a network.',
  encryption: 'Encryption is up to the disk of this machine.',
  cors: 'A browser reaches the files through the server.',
  logs: 'The server’s own audit trail names each access; programs on this machine are not watched.',
};

const BY_HAND = 'What programs change or delete in the folder by themselves is not kept.';

/** The setting as it is made in the record; null when there is nothing to make here. */
export function configured(record: BucketRecord, setting: BucketSetting, wanted: WantedSettings): BucketRecord | null {
  if (setting === 'versions') return { ...record, keepsVersions: true };
  if (setting === 'expiry') return { ...record, keepDays: wanted.keepVersionsDays };
  return null;
}

export function stateOf(record: BucketRecord, setting: BucketSetting, wanted: WantedSettings): SettingState {
  const reason = NEEDLESS[setting];
  if (reason !== undefined) return { setting, state: 'lacking', reason };
  const on = setting === 'versions' ? record.keepsVersions : record.keepDays === wanted.keepVersionsDays;
  const limit = setting === 'versions' && on ? BY_HAND : null;
  return { setting, state: on ? 'on' : 'off', reason: limit };
}
