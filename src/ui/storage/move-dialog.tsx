'use client';
/** Moves or copies the chosen entries into a folder of the same storage, found by walking through it. */
import { ChevronRight, CornerLeftUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { useAttempt } from '../use-attempt.ts';
import { FileIcon } from './file-icon.tsx';
import { copiesIn, type FileEntry, folderAbove, isInsideItself, renamedKey } from './file-paths.ts';
import type { FileJobs } from './use-file-jobs.ts';
import { type FolderEntries, useFolder } from './use-files.ts';

/** Folders may stand behind many files; beyond this many entries one has to open a nearer folder first. */
const MAX_ENTRIES = 20_000;

interface MoveDialogProps {
  kind: 'move' | 'copy';
  storageId: StorageId;
  storageName: string;
  folder: string;
  entries: readonly FileEntry[];
  jobs: FileJobs;
  onClose: () => void;
  onDone: () => void;
}

export function MoveDialog({ kind, storageId, storageName, folder, entries, jobs, onClose, onDone }: MoveDialogProps) {
  const t = useT();
  const [target, setTarget] = useState(folder);
  const { busy, error, clearError, run } = useAttempt();
  const list = useFolder(storageId, target);
  const count = entries.length;
  const name = entries[0]?.name ?? '';
  const place = target === '' ? storageName : target.slice(0, -1);
  const inside = entries.some((entry) => isInsideItself(entry, target));
  const here = kind === 'move' && entries.every((entry) => renamedKey(entry, { folder: target }) === entry.key);
  const refusal = here ? t('storage.move.here') : inside ? t('storage.move.inside') : null;

  async function transfer() {
    await (kind === 'copy'
      ? jobs.copy(copiesIn(target, entries, list.entries))
      : jobs.move(entries.map((entry) => ({ from: entry.key, to: renamedKey(entry, { folder: target }) }))));
    onDone();
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(kind === 'move' ? 'storage.move.title' : 'files.copy.title', { count, name })}
      footer={
        <>
          <p role="status" className="mr-auto min-w-0 flex-1 text-sm">
            {error ? <span className="text-failed">{error}</span> : <span className="text-ink-3">{refusal}</span>}
          </p>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" busy={busy} disabled={refusal !== null} onClick={() => run(transfer)}>
            <span className="max-w-48 truncate">
              {t(kind === 'move' ? 'storage.move.into' : 'files.copy.into', { folder: place })}
            </span>
          </Button>
        </>
      }
    >
      <p className="mb-2 truncate font-mono text-ink-2 text-sm" title={place}>
        {storageName}/{target}
      </p>
      <FolderList
        list={list}
        folder={target}
        onGo={(next) => {
          setTarget(next);
          clearError();
        }}
      />
    </Dialog>
  );
}

function FolderList({ list, folder, onGo }: { list: FolderEntries; folder: string; onGo: (folder: string) => void }) {
  const t = useT();
  const { entries, more, reading, error, readMore } = list;
  useEffect(() => {
    if (more && !reading && entries.length < MAX_ENTRIES) readMore();
  }, [more, reading, entries.length, readMore]);
  const folders = entries.filter(({ kind }) => kind === 'folder');
  const row =
    'touch flex h-9 w-full items-center gap-2.5 border-line border-b px-3 text-left hover:bg-hover focus-visible:-outline-offset-2';
  if (error) return <FailedQuery error={error} what={t('storage.files.failedWhat')} onRetry={list.again} />;
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
      {list.pending ? <Skeleton className="m-3 h-4 w-40" /> : null}
      {!list.pending && !more && folders.length === 0 ? (
        <p className="px-3 py-2 text-ink-3">{t('storage.move.none')}</p>
      ) : null}
    </div>
  );
}
