'use client';
/** Pause, resume, cancel and retry of one upload. */
import { Pause, Play, RotateCw, X } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import type { QueueEvent, Upload } from './upload-queue.ts';

interface UploadControlsProps {
  upload: Upload;
  name: string;
  onEvent: (event: QueueEvent) => void;
}

export function UploadControls({ upload: { id, state }, name, onEvent }: UploadControlsProps) {
  const t = useT();
  const moving = state === 'waiting' || state === 'sending';
  const ended = state === 'failed' || state === 'cancelled';
  if (!moving && !ended && state !== 'paused') return null;
  return (
    <div className="-mr-1.5 flex shrink-0">
      {moving ? (
        <IconButton
          size="sm"
          label={t('upload.pause', { name })}
          icon={<Pause className="icon" aria-hidden />}
          onClick={() => onEvent({ type: 'pause', id })}
        />
      ) : null}
      {state === 'paused' ? (
        <IconButton
          size="sm"
          label={t('upload.resume', { name })}
          icon={<Play className="icon" aria-hidden />}
          onClick={() => onEvent({ type: 'resume', id })}
        />
      ) : null}
      {ended ? (
        <IconButton
          size="sm"
          label={t('upload.retry', { name })}
          icon={<RotateCw className="icon" aria-hidden />}
          onClick={() => onEvent({ type: 'retry', id })}
        />
      ) : (
        <IconButton
          size="sm"
          label={t('upload.cancel', { name })}
          icon={<X className="icon" aria-hidden />}
          onClick={() => onEvent({ type: 'cancel', id })}
        />
      )}
    </div>
  );
}
