'use client';
/** What is being uploaded, bottom right, on every page; loaded with the first upload. */
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useState } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Progress } from '../primitives/progress.tsx';
import { type QueueEvent, totals, type Upload } from './upload-queue.ts';
import { UploadRow } from './upload-row.tsx';

interface UploadTrayProps {
  queue: readonly Upload[];
  onEvent: (event: QueueEvent) => void;
}

/** More rows than this would only be scrolled past; what needs an answer is always among them. */
const SHOWN = 100;
const ORDER = { conflict: 0, failed: 1, sending: 2, waiting: 3, done: 4, cancelled: 5 } as const;

export function UploadTray({ queue, onEvent }: UploadTrayProps) {
  const t = useT();
  const format = useFormat();
  const [open, setOpen] = useState(true);
  const sum = totals(queue);
  const busy = sum.active > 0;
  const title = busy
    ? t('storage.upload.active', { count: sum.active })
    : sum.conflicts > 0
      ? t('storage.upload.conflicts', { count: sum.conflicts })
      : sum.failed > 0
        ? t('storage.upload.failed', { count: sum.failed })
        : t('storage.upload.done', { count: sum.done });
  const rows = [...queue].sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN);
  return (
    <section
      aria-label={t('storage.upload.tray')}
      className="fixed right-3 bottom-[calc(68px+env(safe-area-inset-bottom))] left-3 z-30 flex max-h-[60dvh] flex-col overflow-hidden rounded-lg bg-raised shadow-float sm:left-auto sm:w-96 md:right-4 md:bottom-4"
    >
      <header className="flex items-center gap-1 py-2 pr-2 pl-4">
        <p role="status" className="min-w-0 flex-1 truncate font-medium">
          {title}
        </p>
        <IconButton
          size="sm"
          label={t(open ? 'storage.upload.fold' : 'storage.upload.unfold')}
          aria-expanded={open}
          icon={open ? <ChevronDown className="icon" aria-hidden /> : <ChevronUp className="icon" aria-hidden />}
          onClick={() => setOpen(!open)}
        />
        {busy || sum.conflicts > 0 ? null : (
          <IconButton
            size="sm"
            label={t('storage.upload.close')}
            icon={<X className="icon" aria-hidden />}
            onClick={() => onEvent({ type: 'clear' })}
          />
        )}
      </header>
      {busy ? (
        <div className="px-4 pb-3">
          <Progress
            hideLabel
            label={t('storage.upload.total')}
            value={sum.sentBytes}
            max={sum.sizeBytes}
            detail={t('progress.of', { done: format.bytes(sum.sentBytes), total: format.bytes(sum.sizeBytes) })}
          />
        </div>
      ) : null}
      {sum.conflicts > 1 ? (
        <div className="flex flex-wrap items-center gap-2 border-line border-t bg-warning-soft px-4 py-2 text-sm text-warning">
          <span className="flex-1">{t('storage.upload.conflicts', { count: sum.conflicts })}</span>
          <Button size="sm" onClick={() => onEvent({ type: 'resolve', id: null, how: 'keep' })}>
            {t('storage.upload.keepAll')}
          </Button>
          <Button size="sm" onClick={() => onEvent({ type: 'resolve', id: null, how: 'replace' })}>
            {t('storage.upload.replaceAll')}
          </Button>
        </div>
      ) : null}
      {open ? (
        <ul className="min-h-0 overflow-y-auto border-line border-t">
          {rows.map((upload) => (
            <UploadRow key={upload.id} upload={upload} onEvent={onEvent} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}
