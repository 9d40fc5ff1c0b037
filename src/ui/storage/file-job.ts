/** Changes to many files at once, as the API tells of them, and their words. Pure. */
import { baseName, parentFolder } from '../../domain/storage.ts';
import type { Translate } from '../messages/translate.ts';
import type { Outputs } from '../trpc-client.tsx';

export type FileJob = Outputs['files']['jobs'][number];

/** It ended, and not everything that was asked for was done. */
export function hasProblem({ status, failedCount }: FileJob): boolean {
  return status === 'failed' || (status === 'done' && failedCount > 0);
}

const trimmed = (key: string) => key.replace(/\/$/, '');

/** What it does, did, or did in part; `storageName` stands for the storage's own folder. */
export function jobText(t: Translate, job: FileJob, storageName: string): string {
  const stage = job.status === 'running' ? 'running' : hasProblem(job) ? 'partly' : 'done';
  if (job.status === 'cancelled') return t('files.job.cancelled', { count: job.done });
  const first = trimmed(job.first);
  const name = baseName(first);
  const target = trimmed(job.target ?? '');
  const folder = parentFolder(target);
  if (job.kind === 'move' && job.items === 1 && folder === parentFolder(first))
    return t(`files.job.rename.${stage}`, { name, to: baseName(target) });
  const place = folder === '' ? storageName : `${storageName}/${folder}`;
  return t(`files.job.${job.kind}.${stage}`, { count: job.items, name, place });
}
