'use client';
/** What is said of an upload below its name. */
import { type Format, useFormat, useT } from '../messages/messages-provider.tsx';
import type { Translate } from '../messages/translate.ts';
import type { Upload } from './upload-queue.ts';
import { timeLeftMs } from './upload-speed.ts';

export function useUploadText(upload: Upload, online: boolean): string {
  const t = useT();
  const format = useFormat();
  const { state, problem, sentBytes, sizeBytes } = upload;
  const place = `${upload.storageName}/${upload.folder}`.replace(/\/$/, '');
  const size = format.bytes(sizeBytes);
  if (problem?.kind === 'said') return problem.message;
  if (problem) return t(`upload.problem.${problem.kind}`, { name: upload.path, size });
  switch (state) {
    case 'sending':
      return progressText(t, format, upload);
    case 'conflict':
      return t('upload.conflict', { place });
    case 'failed':
      return t('upload.problem.noAnswer');
    case 'waiting':
      return t(online ? 'upload.state.waiting' : 'upload.state.offline', { size });
    default:
      return t(`upload.state.${state}`, { size, place, done: format.bytes(sentBytes) });
  }
}

interface Moving {
  sentBytes: number;
  sizeBytes: number;
  bytesPerSecond: number | null;
}

/** `12 MiB of 60 MiB · 3.2 MiB/s · 15 s left`, as far as it is known. */
export function progressText(t: Translate, format: Format, { sentBytes, sizeBytes, bytesPerSecond }: Moving): string {
  const left = timeLeftMs(sizeBytes - sentBytes, bytesPerSecond);
  return [
    t('progress.of', { done: format.bytes(sentBytes), total: format.bytes(sizeBytes) }),
    ...(bytesPerSecond === null ? [] : [t('upload.speed', { size: format.bytes(bytesPerSecond) })]),
    ...(left === null ? [] : [t('upload.left', { time: format.duration(left) })]),
  ].join(' · ');
}
