'use client';
/** One upload: where it goes, how far it is, and the answer it may need. */
import { CircleAlert, CircleCheck, CirclePause, CircleSlash, File, FileClock, TriangleAlert } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { cx } from '../primitives/class-names.ts';
import { Progress } from '../primitives/progress.tsx';
import { UploadControls } from './upload-controls.tsx';
import type { QueueEvent, Upload } from './upload-queue.ts';
import { UploadUnfinished } from './upload-unfinished.tsx';
import { useUploadText } from './use-upload-text.ts';

const ICONS = {
  waiting: <File className="icon text-ink-3" aria-hidden />,
  sending: <File className="icon text-pending" aria-hidden />,
  finishing: <File className="icon text-pending" aria-hidden />,
  paused: <CirclePause className="icon text-ink-3" aria-hidden />,
  unfinished: <FileClock className="icon text-ink-3" aria-hidden />,
  done: <CircleCheck className="icon text-running" aria-hidden />,
  failed: <CircleAlert className="icon text-failed" aria-hidden />,
  conflict: <TriangleAlert className="icon text-warning" aria-hidden />,
  cancelled: <CircleSlash className="icon text-ink-3" aria-hidden />,
} as const;

const WITH_BAR: ReadonlySet<Upload['state']> = new Set(['sending', 'finishing', 'paused', 'unfinished']);

interface UploadRowProps {
  upload: Upload;
  online: boolean;
  onEvent: (event: QueueEvent) => void;
  onChoose: (id: string, file: File) => void;
}

export function UploadRow({ upload, online, onEvent, onChoose }: UploadRowProps) {
  const text = useUploadText(upload, online);
  const { state } = upload;
  const name = upload.key.slice(upload.folder.length);
  return (
    <li className="flex items-start gap-3 border-line border-b px-4 py-2 last:border-b-0">
      <span className="mt-0.5 flex">{ICONS[state]}</span>
      <div className="min-w-0 flex-1">
        <p className="truncate" title={upload.key}>
          {name}
        </p>
        <p className={cx('nums break-words text-sm', upload.problem ? 'text-failed' : 'text-ink-3')}>{text}</p>
        {WITH_BAR.has(state) && upload.sizeBytes > 0 ? (
          <div className={cx('mt-1.5', (state === 'paused' || state === 'unfinished') && 'opacity-50')}>
            <Progress hideLabel label={name} value={upload.sentBytes} max={upload.sizeBytes} />
          </div>
        ) : null}
        {state === 'conflict' ? <ConflictAnswers id={upload.id} onEvent={onEvent} /> : null}
        {state === 'unfinished' ? <UploadUnfinished id={upload.id} onEvent={onEvent} onChoose={onChoose} /> : null}
      </div>
      <UploadControls upload={upload} name={name} onEvent={onEvent} />
    </li>
  );
}

function ConflictAnswers({ id, onEvent }: { id: string; onEvent: UploadRowProps['onEvent'] }) {
  const t = useT();
  return (
    <div className="mt-2 flex flex-wrap gap-2">
      <Button size="sm" onClick={() => onEvent({ type: 'resolve', id, how: 'keep' })}>
        {t('upload.keep')}
      </Button>
      <Button size="sm" onClick={() => onEvent({ type: 'resolve', id, how: 'replace' })}>
        {t('upload.replace')}
      </Button>
      <Button size="sm" look="quiet" onClick={() => onEvent({ type: 'resolve', id, how: 'skip' })}>
        {t('upload.skip')}
      </Button>
    </div>
  );
}
