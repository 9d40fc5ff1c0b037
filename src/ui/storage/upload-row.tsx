'use client';
/** One upload: where it goes, how far it is, and the answer it may need. */
import { CircleAlert, CircleCheck, CircleSlash, File, RotateCw, TriangleAlert, X } from 'lucide-react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Progress } from '../primitives/progress.tsx';
import type { QueueEvent, Upload } from './upload-queue.ts';

const ICONS = {
  waiting: <File className="icon text-ink-3" aria-hidden />,
  sending: <File className="icon text-pending" aria-hidden />,
  done: <CircleCheck className="icon text-running" aria-hidden />,
  failed: <CircleAlert className="icon text-failed" aria-hidden />,
  conflict: <TriangleAlert className="icon text-warning" aria-hidden />,
  cancelled: <CircleSlash className="icon text-ink-3" aria-hidden />,
} as const;

export function UploadRow({ upload, onEvent }: { upload: Upload; onEvent: (event: QueueEvent) => void }) {
  const t = useT();
  const format = useFormat();
  const { id, state } = upload;
  const name = upload.key.slice(upload.folder.length);
  const place = `${upload.storageName}/${upload.folder}`.replace(/\/$/, '');
  const under =
    state === 'failed'
      ? upload.message
      : state === 'conflict'
        ? t('storage.upload.conflict', { place })
        : state === 'sending'
          ? t('progress.of', { done: format.bytes(upload.sentBytes), total: format.bytes(upload.sizeBytes) })
          : t(`storage.upload.state.${state}`, { size: format.bytes(upload.sizeBytes), place });
  return (
    <li className="flex items-start gap-3 border-line border-b px-4 py-2 last:border-b-0">
      <span className="mt-0.5 flex">{ICONS[state]}</span>
      <div className="min-w-0 flex-1">
        <p className="truncate" title={name}>
          {name}
        </p>
        <p className={`nums break-words text-sm ${state === 'failed' ? 'text-failed' : 'text-ink-3'}`}>{under}</p>
        {state === 'sending' ? (
          <div className="mt-1.5">
            <Progress hideLabel label={name} value={upload.sentBytes} max={upload.sizeBytes} />
          </div>
        ) : null}
        {state === 'conflict' ? (
          <div className="mt-2 flex flex-wrap gap-2">
            <Button size="sm" onClick={() => onEvent({ type: 'resolve', id, how: 'keep' })}>
              {t('storage.upload.keep')}
            </Button>
            <Button size="sm" onClick={() => onEvent({ type: 'resolve', id, how: 'replace' })}>
              {t('storage.upload.replace')}
            </Button>
            <Button size="sm" look="quiet" onClick={() => onEvent({ type: 'resolve', id, how: 'skip' })}>
              {t('storage.upload.skip')}
            </Button>
          </div>
        ) : null}
      </div>
      {state === 'waiting' || state === 'sending' ? (
        <IconButton
          size="sm"
          label={t('storage.upload.cancel', { name })}
          icon={<X className="icon" aria-hidden />}
          onClick={() => onEvent({ type: 'cancel', id })}
        />
      ) : null}
      {state === 'failed' || state === 'cancelled' ? (
        <IconButton
          size="sm"
          label={t('storage.upload.retry', { name })}
          icon={<RotateCw className="icon" aria-hidden />}
          onClick={() => onEvent({ type: 'retry', id })}
        />
      ) : null}
    </li>
  );
}
