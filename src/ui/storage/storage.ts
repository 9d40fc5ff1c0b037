/** A storage as the API gives it, and where things about it are. */
import type { StorageStatus } from '../../domain/storage.ts';
import type { Translate } from '../messages/translate.ts';
import type { Tone } from '../primitives/status-badge.tsx';
import type { Outputs } from '../trpc-client.tsx';

export type Storage = Outputs['storages']['list'][number];

export const storageHref = (id: string): string => `/storage/${id}`;

/** Where its bucket is: the provider says it, and says nothing of this machine. */
export function placeOf(t: Translate, { place }: Storage): string {
  return place ?? t('storage.place.local');
}

export const STATUS_TONES: Readonly<Record<StorageStatus, Tone>> = {
  creating: 'pending',
  active: 'running',
  deleting: 'stopping',
  failed: 'failed',
};
