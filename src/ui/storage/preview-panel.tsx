'use client';
/** The preview beside the list, or as a sheet where there is no room for both. */
import { Download, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { FROM_LG, useMediaQuery } from '../primitives/media.ts';
import { Bytes } from '../primitives/quantity.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { Time } from '../primitives/time.tsx';
import { downloadFile } from './download-files.ts';
import type { FileEntry } from './file-paths.ts';

const FilePreview = dynamic(async () => (await import('./file-preview.tsx')).FilePreview, {
  ssr: false,
  loading: () => <Skeleton className="h-64" />,
});
const Drawer = dynamic(async () => (await import('../primitives/drawer.tsx')).Drawer, { ssr: false });

interface PreviewPanelProps {
  storageId: StorageId;
  fileKey: string;
  /** Its row, when it is among those read so far. */
  entry: FileEntry | null;
  /** reading: its version is not known yet; gone: the folder was read and the file is not in it. */
  state: 'reading' | 'known' | 'gone';
  onClose: () => void;
}

export function PreviewPanel({ storageId, fileKey, entry, state, onClose }: PreviewPanelProps) {
  const t = useT();
  const beside = useMediaQuery(FROM_LG);
  const name = baseName(fileKey);
  const download = (
    <IconButton
      label={t('storage.files.download')}
      icon={<Download className="icon" aria-hidden />}
      onClick={() => downloadFile(storageId, fileKey)}
    />
  );
  const body =
    state === 'reading' ? (
      <Skeleton className="h-60" />
    ) : state === 'gone' ? (
      <p className="text-ink-2">{t('storage.preview.gone')}</p>
    ) : (
      <FilePreview key={fileKey} storageId={storageId} fileKey={fileKey} version={entry?.version ?? null} />
    );
  if (!beside) {
    return (
      <Drawer open size="lg" title={name} actions={download} onOpenChange={onClose}>
        <div className="min-h-[50dvh]">{body}</div>
      </Drawer>
    );
  }
  return (
    <section
      aria-label={t('storage.preview.label', { name })}
      className="sticky top-16 flex max-h-[max(320px,calc(100dvh-284px))] min-w-0 flex-col rounded-lg border border-line bg-surface"
    >
      <header className="flex items-center gap-1 border-line border-b py-1.5 pr-1.5 pl-4">
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold" title={name}>
            {name}
          </h2>
          <p className="h-5 truncate text-ink-3 text-sm">
            {entry?.sizeBytes == null ? null : <Bytes value={entry.sizeBytes} />}
            {entry?.modifiedAt == null ? null : (
              <>
                {' · '}
                <Time at={entry.modifiedAt} />
              </>
            )}
          </p>
        </div>
        {download}
        <IconButton label={t('storage.preview.close')} icon={<X className="icon" aria-hidden />} onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-auto p-4">
        <div className="min-h-60">{body}</div>
      </div>
    </section>
  );
}
