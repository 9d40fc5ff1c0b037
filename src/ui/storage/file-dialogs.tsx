'use client';
/** The questions of the file manager: a new folder, another name, another place, deletion. Loaded with the first one. */
import type { StorageId } from '../../domain/ids.ts';
import { useT } from '../messages/messages-provider.tsx';
import { trpc } from '../trpc-client.tsx';
import { DeleteFilesDialog } from './delete-files-dialog.tsx';
import { extensionOf } from './file-kinds.ts';
import { nameFault, renamedKey } from './file-paths.ts';
import type { FileQuestion } from './file-question.ts';
import { MoveDialog } from './move-dialog.tsx';
import { NameDialog } from './name-dialog.tsx';
import type { FileJobs } from './use-file-jobs.ts';
import { VersionsPanel } from './versions-panel.tsx';

interface FileDialogsProps {
  storageId: StorageId;
  storageName: string;
  folder: string;
  question: FileQuestion;
  jobs: FileJobs;
  onClose: () => void;
  /** Something was ordered: the selection is over. */
  onDone: (renamedTo?: string) => void;
}

export function FileDialogs(props: FileDialogsProps) {
  const t = useT();
  const utils = trpc.useUtils();
  const { storageId, folder, question, jobs, onClose, onDone } = props;
  switch (question.kind) {
    case 'folder':
      return (
        <NameDialog
          title={t('storage.folder.title')}
          label={t('storage.folder.name')}
          action={t('storage.folder.action')}
          fault={(name) => nameFault(folder, name)}
          taken={t('storage.renameFile.taken')}
          onSave={async (name) => {
            await utils.client.files.createFolder.mutate({ id: storageId, path: folder + name });
            void utils.files.list.invalidate({ id: storageId });
          }}
          onClose={onClose}
        />
      );
    case 'rename': {
      const { entry } = question;
      const extension = entry.kind === 'file' ? extensionOf(entry.name) : '';
      return (
        <NameDialog
          title={t('storage.renameFile.title', { name: entry.name })}
          label={t('storage.renameFile.label')}
          action={t('storage.files.rename')}
          initial={entry.name}
          selectTo={extension ? entry.name.length - extension.length - 1 : undefined}
          fault={(name) => nameFault(folder, name)}
          taken={t('storage.renameFile.taken')}
          onSave={async (name) => {
            await jobs.move([{ from: entry.key, to: renamedKey(entry, { name }) }]);
            onDone(name);
          }}
          onClose={onClose}
        />
      );
    }
    case 'move':
    case 'copy':
      return <MoveDialog {...props} kind={question.kind} entries={question.entries} />;
    case 'delete':
      return <DeleteFilesDialog entries={question.entries} jobs={jobs} onClose={onClose} onDone={onDone} />;
    case 'versions':
      return <VersionsPanel open storageId={storageId} fileKey={question.entry.key} onOpenChange={onClose} />;
  }
}
