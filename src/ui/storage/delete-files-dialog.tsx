'use client';
/** Deletes the chosen files and folders after naming them, where a storage keeps nothing that could bring them back. */
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { useAttempt } from '../use-attempt.ts';
import { FileIcon } from './file-icon.tsx';
import type { FileEntry } from './file-paths.ts';
import type { FileJobs } from './use-file-jobs.ts';

const NAMED = 8;

interface DeleteFilesDialogProps {
  entries: readonly FileEntry[];
  jobs: FileJobs;
  onClose: () => void;
  onDone: () => void;
}

export function DeleteFilesDialog({ entries, jobs, onClose, onDone }: DeleteFilesDialogProps) {
  const t = useT();
  const { busy, error, run } = useAttempt();
  const count = entries.length;
  const name = entries[0]?.name ?? '';
  const more = count - NAMED;

  async function confirm() {
    await jobs.remove(entries.map(({ key }) => key));
    onDone();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('storage.deleteFiles.title', { count, name })}
      action={t('storage.deleteFiles.action', { count })}
      busy={busy}
      error={error}
      onConfirm={() => run(confirm)}
    >
      <p>
        {t('storage.deleteFiles.text', { count })}{' '}
        {entries.some(({ kind }) => kind === 'folder') ? t('storage.deleteFiles.folders') : null}
      </p>
      {count > 1 ? (
        <ul className="mt-3 rounded-md border border-line text-ink">
          {entries.slice(0, NAMED).map((entry) => (
            <li key={entry.key} className="flex items-center gap-2.5 border-line border-b px-3 py-1.5 last:border-b-0">
              <FileIcon kind={entry.kind} name={entry.name} />
              <span className="truncate" title={entry.name}>
                {entry.name}
              </span>
            </li>
          ))}
          {more > 0 ? <li className="px-3 py-1.5 text-ink-2">{t('storage.deleteFiles.more', { more })}</li> : null}
        </ul>
      ) : null}
    </ConfirmDialog>
  );
}
