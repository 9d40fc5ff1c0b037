'use client';
/** One kept content of a file in its timeline. */
import { Download, Trash2, Undo2 } from 'lucide-react';
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { cx } from '../primitives/class-names.ts';
import { IconButton } from '../primitives/icon-button.tsx';
import { Bytes } from '../primitives/quantity.tsx';
import { Time } from '../primitives/time.tsx';
import type { FileVersion } from './kept-files.ts';
import { objectUrl } from './send-file.ts';

interface VersionItemProps {
  storageId: StorageId;
  fileKey: string;
  version: FileVersion;
  /** The newest content of a file that is gone. */
  gone: boolean;
  last: boolean;
  busy: boolean;
  onRestore: () => void;
  onPurge: () => void;
}

export function VersionItem(props: VersionItemProps) {
  const { version, gone, last, busy, onRestore, onPurge } = props;
  const t = useT();
  const { replacedAt } = version;
  const current = replacedAt === null;
  return (
    <li className="relative flex gap-3 pb-5 last:pb-0">
      {last ? null : <span aria-hidden className="absolute top-4 -bottom-1 left-[5px] w-px bg-line-strong" />}
      <span
        aria-hidden
        className={cx(
          'mt-1 size-[11px] shrink-0 rounded-full border',
          current ? 'border-accent bg-accent' : 'border-line-strong bg-surface',
        )}
      />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Time at={version.modifiedAt} as="exact" className={cx(current && 'font-medium')} />
          {current ? (
            <span className="rounded-full bg-accent-soft px-2 text-accent-ink text-xs leading-5">
              {t('kept.versions.current')}
            </span>
          ) : null}
        </p>
        <p className="mt-0.5 text-ink-2 text-sm">
          <Bytes value={version.sizeBytes} />
          {replacedAt === null ? null : (
            <>
              {' · '}
              {t(gone ? 'kept.versions.deleted' : 'kept.versions.replaced')} <Time at={replacedAt} />
            </>
          )}
        </p>
        <div className="mt-2 flex items-center gap-1">
          {current ? null : (
            <Button size="sm" icon={<Undo2 className="icon" aria-hidden />} disabled={busy} onClick={onRestore}>
              {t('kept.restore')}
            </Button>
          )}
          <IconButton
            size="sm"
            label={t('kept.versions.download')}
            icon={<Download className="icon" aria-hidden />}
            onClick={() => downloadVersion(props)}
          />
          {current ? null : (
            <IconButton
              size="sm"
              label={t('kept.purge.open')}
              icon={<Trash2 className="icon" aria-hidden />}
              className="hover:text-failed"
              onClick={onPurge}
            />
          )}
        </div>
      </div>
    </li>
  );
}

function downloadVersion({ storageId, fileKey, version }: VersionItemProps): void {
  const link = document.createElement('a');
  link.href = `${objectUrl(storageId, fileKey)}&versionId=${encodeURIComponent(version.versionId)}`;
  link.download = baseName(fileKey);
  link.click();
}
