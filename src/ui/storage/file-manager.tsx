'use client';
/** One folder of a storage: the way to it, what can be done, its entries, and a preview beside them. */
import { FolderPlus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { cx } from '../primitives/class-names.ts';
import { Page } from '../shell/page.tsx';
import { DropZone } from './drop-zone.tsx';
import { FileJobs } from './file-jobs.tsx';
import { folderAbove } from './file-paths.ts';
import { EmptyFolder, NothingFound } from './files-empty.tsx';
import { FilesTable } from './files-table.tsx';
import { FilesToolbar } from './files-toolbar.tsx';
import { FolderTrail } from './folder-trail.tsx';
import { PreviewPanel } from './preview-panel.tsx';
import type { Storage } from './storage.ts';
import { StorageMenu } from './storage-menu.tsx';
import { UploadButtons } from './upload-buttons.tsx';
import { useFileJobs } from './use-file-jobs.ts';
import { useFileQuestion } from './use-file-question.ts';
import { useFileView } from './use-file-view.ts';
import { entriesOf, useFolder, useSearch } from './use-files.ts';

const FileDialogs = dynamic(async () => (await import('./file-dialogs.tsx')).FileDialogs, { ssr: false });
const DeletedFiles = dynamic(async () => (await import('./deleted-files.tsx')).DeletedFiles, { ssr: false });

export function FileManager({ storage, tabs }: { storage: Storage; tabs: ReactNode }) {
  const t = useT();
  const router = useRouter();
  const view = useFileView();
  const { folder, previewed, deleted, search, preview } = view;
  const inFolder = useFolder(storage.id, folder);
  const found = useSearch(storage.id, folder, search);
  const list = search === '' ? inFolder : found;
  const jobs = useFileJobs(storage);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const clear = useCallback(() => setSelected(new Set()), []);
  const { question, ask, close, done } = useFileQuestion(storage, { jobs, previewed, preview, onDone: clear });
  const chosen = useMemo(() => entriesOf(list.entries, selected), [list.entries, selected]);
  const shown = list.entries.find(({ key }) => key === previewed) ?? null;
  const place = folder === '' ? storage.displayName : folder.slice(0, -1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another view begins without a selection
  useEffect(clear, [folder, search, deleted]);

  const onKey = (key: string) => {
    if (key === 'Delete' && chosen.length > 0) ask({ kind: 'delete', entries: chosen });
    else if (key === 'F2' && chosen.length === 1 && chosen[0]) ask({ kind: 'rename', entry: chosen[0] });
    else if (key === 'Backspace' && folder !== '') view.go(folderAbove(folder));
    else if (key === 'mod+z') return jobs.undoLast();
    else return false;
    return true;
  };
  const target = { storageId: storage.id, storageName: storage.displayName, folder };

  return (
    <Page
      wide
      tabs={tabs}
      title={storage.displayName}
      actions={
        <>
          <StorageMenu own storage={storage} onDeleted={() => router.push('/storage')} />
          <Button icon={<FolderPlus className="icon" aria-hidden />} onClick={() => ask({ kind: 'folder' })}>
            {t('storage.files.newFolder')}
          </Button>
          <UploadButtons target={target} />
        </>
      }
    >
      <DropZone target={target}>
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-3">
          <FolderTrail storageName={storage.displayName} folder={folder} hrefOf={view.folderHref} />
          <FilesToolbar
            storage={storage}
            place={place}
            chosen={chosen}
            view={view}
            list={list}
            onStop={found.stop}
            onClear={clear}
            onAsk={ask}
          />
        </div>
        <FileJobs storageName={storage.displayName} jobs={jobs} />
        {deleted ? (
          <DeletedFiles storageId={storage.id} folder={folder} />
        ) : (
          <div className={cx('grid items-start gap-4', previewed && 'lg:grid-cols-[minmax(0,1fr)_minmax(320px,2fr)]')}>
            <FilesTable
              storage={storage}
              label={
                search === ''
                  ? t('storage.files.table', { folder: `${storage.displayName}/${folder}` })
                  : t('files.search.table', { folder: place })
              }
              list={list}
              below={search === '' ? null : folder}
              failedWhat={t(search === '' ? 'storage.files.failedWhat' : 'files.search.failedWhat')}
              empty={search === '' ? <EmptyFolder /> : <NothingFound place={place} query={search} />}
              selected={selected}
              onSelectedChange={setSelected}
              narrow={previewed !== null}
              onOpen={view.open}
              hrefOf={view.hrefOf}
              onAsk={ask}
              onKey={onKey}
            />
            {previewed ? (
              <PreviewPanel
                storageId={storage.id}
                fileKey={previewed}
                entry={shown}
                state={list.pending ? 'reading' : list.complete && search === '' && !shown ? 'gone' : 'known'}
                onClose={() => preview(null)}
              />
            ) : null}
          </div>
        )}
      </DropZone>
      {question ? (
        <FileDialogs
          storageId={storage.id}
          storageName={storage.displayName}
          folder={folder}
          question={question}
          jobs={jobs}
          onClose={close}
          onDone={done}
        />
      ) : null}
    </Page>
  );
}
