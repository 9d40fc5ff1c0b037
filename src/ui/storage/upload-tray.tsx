'use client';
/** What is being uploaded, bottom right, on every page; loaded with the first upload. */
import { ChevronDown, ChevronUp, Pause, Play, X } from 'lucide-react';
import { useState } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import type { Translate } from '../messages/translate.ts';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Progress } from '../primitives/progress.tsx';
import type { UploadsShown } from './upload-engine.ts';
import { type QueueEvent, totals, type UploadTotals } from './upload-queue.ts';
import { UploadRow } from './upload-row.tsx';
import { progressText } from './use-upload-text.ts';

interface UploadTrayProps {
  shown: UploadsShown;
  onEvent: (event: QueueEvent) => void;
  onChoose: (id: string, file: File) => void;
}

/** More rows than this would only be scrolled past; what needs an answer is always among them. */
const SHOWN = 100;
const ORDER = {
  ...{ conflict: 0, failed: 1, finishing: 2, sending: 2, paused: 3, waiting: 4 },
  ...{ unfinished: 5, done: 6, cancelled: 7 },
} as const;

export function UploadTray({ shown, onEvent, onChoose }: UploadTrayProps) {
  const t = useT();
  const format = useFormat();
  const [open, setOpen] = useState(true);
  const { queue, online, bytesPerSecond } = shown;
  const sum = totals(queue);
  const busy = sum.active > 0;
  const detail = progressText(t, format, { ...sum, bytesPerSecond });
  const rows = [...queue].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN);
  return (
    <section
      aria-label={t('upload.tray')}
      className="fixed right-3 bottom-[calc(68px+env(safe-area-inset-bottom))] left-3 z-30 flex max-h-[60dvh] flex-col overflow-hidden rounded-lg bg-raised shadow-float sm:left-auto sm:w-96 md:right-4 md:bottom-4"
    >
      <header className="flex items-center gap-1 py-2 pr-2 pl-4">
        <p role="status" className="min-w-0 flex-1 truncate font-medium">
          {titleOf(t, sum, online)}
        </p>
        {busy ? (
          <IconButton
            size="sm"
            label={t('upload.pauseAll')}
            icon={<Pause className="icon" aria-hidden />}
            onClick={() => onEvent({ type: 'pause', id: null })}
          />
        ) : sum.paused > 0 ? (
          <IconButton
            size="sm"
            label={t('upload.resumeAll')}
            icon={<Play className="icon" aria-hidden />}
            onClick={() => onEvent({ type: 'resume', id: null })}
          />
        ) : null}
        <IconButton
          size="sm"
          label={t(open ? 'upload.fold' : 'upload.unfold')}
          aria-expanded={open}
          icon={open ? <ChevronDown className="icon" aria-hidden /> : <ChevronUp className="icon" aria-hidden />}
          onClick={() => setOpen(!open)}
        />
        {busy || sum.conflicts + sum.paused > 0 ? null : (
          <IconButton
            size="sm"
            label={t('upload.close')}
            icon={<X className="icon" aria-hidden />}
            onClick={() => onEvent({ type: 'clear' })}
          />
        )}
      </header>
      {busy ? (
        <div className="px-4 pb-3">
          <Progress hideLabel label={t('upload.total')} value={sum.sentBytes} max={sum.sizeBytes} detail={detail} />
          <p className="nums mt-1.5 text-ink-3 text-sm">{detail}</p>
        </div>
      ) : null}
      {sum.conflicts > 1 ? (
        <div className="flex flex-wrap items-center gap-2 border-line border-t bg-warning-soft px-4 py-2 text-sm text-warning">
          <span className="flex-1">{t('upload.conflicts', { count: sum.conflicts })}</span>
          <Button size="sm" onClick={() => onEvent({ type: 'resolve', id: null, how: 'keep' })}>
            {t('upload.keepAll')}
          </Button>
          <Button size="sm" onClick={() => onEvent({ type: 'resolve', id: null, how: 'replace' })}>
            {t('upload.replaceAll')}
          </Button>
        </div>
      ) : null}
      {open ? (
        <ul className="min-h-0 overflow-y-auto border-line border-t">
          {rows.map((upload) => (
            <UploadRow key={upload.id} upload={upload} online={online} onEvent={onEvent} onChoose={onChoose} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function titleOf(t: Translate, sum: UploadTotals, online: boolean): string {
  if (sum.active > 0) return t(online ? 'upload.active' : 'upload.offline', { count: sum.active });
  if (sum.conflicts > 0) return t('upload.conflicts', { count: sum.conflicts });
  if (sum.paused > 0) return t('upload.paused', { count: sum.paused });
  if (sum.failed > 0) return t('upload.failed', { count: sum.failed });
  if (sum.unfinished > 0) return t('upload.unfinished', { count: sum.unfinished });
  return t('upload.done', { count: sum.done });
}
