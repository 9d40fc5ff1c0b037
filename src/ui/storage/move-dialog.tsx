'use client';
/** Moves the chosen entries into another folder of the same storage, found by walking through it. */
import { ChevronRight, CornerLeftUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError } from '../trpc-client.tsx';
import { FileIcon } from './file-icon.tsx';
import { type FileEntry, folderAbove, isInsideItself, renamedKey } from './file-paths.ts';
import type { FileDialogsProps } from './file-question.ts';
import { useFileActions, useFolder } from './use-files.ts';

/** Folders may stand behind many files; beyond this many pages one has to open a nearer folder first. */
const MAX_PAGES = 20;

interface MoveDialogProps
  extends Pick<FileDialogsProps, 'storageId' | 'storageName' | 'folder' | 'onClose' | 'onDone'> {
  entries: readonly FileEntry[];
}

export function MoveDialog({ storageId, storageName, folder, entries, onClose, onDone }: MoveDialogProps) {
  const t = useT();
  const { move } = useFileActions(storageId);
  const [target, setTarget] = useState(folder);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const count = entries.length;
  const name = entries[0]?.name ?? '';
  const place = target === '' ? storageName : target.slice(0, -1);
  const refusal =
    target === folder
      ? t('storage.move.here')
      : entries.some((entry) => isInsideItself(entry, target))
        ? t('storage.move.inside')
        : null;

  async function run() {
    setBusy(true);
    let moving = name;
    try {
      for (const entry of entries) {
        moving = entry.name;
        await move(entry.key, renamedKey(entry, { folder: target }));
      }
      toast.success(t('storage.moved', { count, folder: place }));
      onDone();
    } catch (failed) {
      const { code, message } = shownError(failed);
      const inUse = code === 'conflict' || code === 'already_exists';
      setError(inUse ? t('storage.move.taken', { name: moving }) : message);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('storage.move.title', { count, name })}
      footer={
        <>
          <p role="status" className="mr-auto min-w-0 flex-1 text-sm">
            {error ? <span className="text-failed">{error}</span> : <span className="text-ink-3">{refusal}</span>}
          </p>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" busy={busy} disabled={refusal !== null} onClick={() => void run()}>
            <span className="max-w-48 truncate">{t('storage.move.into', { folder: place })}</span>
          </Button>
        </>
      }
    >
      <p className="mb-2 truncate font-mono text-ink-2 text-sm" title={place}>
        {storageName}/{target}
      </p>
      <FolderList
        storageId={storageId}
        folder={target}
        onGo={(next) => {
          setTarget(next);
          setError(null);
        }}
      />
    </Dialog>
  );
}

function FolderList({
  storageId,
  folder,
  onGo,
}: {
  storageId: FileDialogsProps['storageId'];
  folder: string;
  onGo: (folder: string) => void;
}) {
  const t = useT();
  const { query, entries } = useFolder(storageId, folder);
  const { hasNextPage, isFetching, fetchNextPage, data } = query;
  const pages = data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetching && pages < MAX_PAGES) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage, pages]);
  const folders = entries.filter(({ kind }) => kind === 'folder');
  const row =
    'touch flex h-9 w-full items-center gap-2.5 border-line border-b px-3 text-left hover:bg-hover focus-visible:-outline-offset-2';
  if (query.isError)
    return (
      <FailedQuery error={query.error} what={t('storage.files.failedWhat')} onRetry={() => void query.refetch()} />
    );
  return (
    <div className="h-72 overflow-y-auto rounded-md border border-line">
      {folder === '' ? null : (
        <button type="button" className={row} onClick={() => onGo(folderAbove(folder))}>
          <CornerLeftUp className="icon text-ink-3" aria-hidden />
          ..
        </button>
      )}
      {folders.map((entry) => (
        <button key={entry.key} type="button" className={row} onClick={() => onGo(entry.key)}>
          <FileIcon kind="folder" name={entry.name} />
          <span className="min-w-0 flex-1 truncate" title={entry.name}>
            {entry.name}
          </span>
          <ChevronRight className="icon text-ink-3" aria-hidden />
        </button>
      ))}
      {query.isPending ? <Skeleton className="m-3 h-4 w-40" /> : null}
      {!query.isPending && !hasNextPage && folders.length === 0 ? (
        <p className="px-3 py-2 text-ink-3">{t('storage.move.none')}</p>
      ) : null}
    </div>
  );
}
