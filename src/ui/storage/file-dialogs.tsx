'use client';
/** The questions of the file manager: a new folder, another name, another place, deletion. Loaded with the first one. */
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { DeleteFilesDialog } from './delete-files-dialog.tsx';
import { extensionOf } from './file-kinds.ts';
import { nameFault, renamedKey } from './file-paths.ts';
import type { FileDialogsProps } from './file-question.ts';
import { MoveDialog } from './move-dialog.tsx';
import { NameDialog } from './name-dialog.tsx';
import { useFileActions } from './use-files.ts';

export function FileDialogs(props: FileDialogsProps) {
  const t = useT();
  const { storageId, folder, question, onClose, onDone } = props;
  const { createFolder, move } = useFileActions(storageId);
  switch (question.kind) {
    case 'folder':
      return (
        <NameDialog
          title={t('storage.folder.title')}
          label={t('storage.folder.name')}
          action={t('storage.folder.action')}
          fault={(name) => nameFault(folder, name)}
          taken={t('storage.renameFile.taken')}
          onSave={(name) => createFolder(folder + name)}
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
            await move(entry.key, renamedKey(entry, { name }));
            toast.success(t('storage.renamed', { name }));
            onDone(name);
          }}
          onClose={onClose}
        />
      );
    }
    case 'move':
      return <MoveDialog {...props} entries={question.entries} />;
    case 'delete':
      return <DeleteFilesDialog {...props} entries={question.entries} />;
  }
}
