'use client';
/** One folder of a storage: the way to it, what can be done, its entries, and a preview beside them. */
import { FolderPlus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { cx } from '../primitives/class-names.ts';
import { Page } from '../shell/page.tsx';
import { useUrlState } from '../url-state.ts';
import { DropZone } from './drop-zone.tsx';
import { type FileEntry, folderAbove, readFolder } from './file-paths.ts';
import { asksAbout, type FileQuestion } from './file-question.ts';
import { FilesTable } from './files-table.tsx';
import { FilesToolbar } from './files-toolbar.tsx';
import { FolderTrail } from './folder-trail.tsx';
import { PreviewPanel } from './preview-panel.tsx';
import type { Storage } from './storage.ts';
import { StorageMenu } from './storage-menu.tsx';
import { UploadButtons } from './upload-buttons.tsx';
import { entriesOf, useFolder } from './use-files.ts';

const FileDialogs = dynamic(async () => (await import('./file-dialogs.tsx')).FileDialogs, { ssr: false });

export function FileManager({ storage }: { storage: Storage }) {
  const t = useT();
  const router = useRouter();
  const url = useUrlState();
  const folder = readFolder(url.get('path'));
  const previewed = url.get('file');
  const { query, entries, complete } = useFolder(storage.id, folder);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [question, setQuestion] = useState<FileQuestion | null>(null);
  const chosen = useMemo(() => entriesOf(entries, selected), [entries, selected]);
  const shown = entries.find(({ key }) => key === folder + (previewed ?? '')) ?? null;
  const target = { storageId: storage.id, storageName: storage.displayName, folder };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another folder begins without a selection
  useEffect(() => setSelected(new Set()), [folder]);

  const go = useCallback((next: string) => url.set({ path: next, file: null }, 'push'), [url]);
  const open = useCallback(
    (entry: FileEntry) =>
      entry.kind === 'folder' ? go(entry.key) : url.set({ file: entry.name }, previewed ? 'replace' : 'push'),
    [url, go, previewed],
  );
  const hrefOf = useCallback(
    (entry: FileEntry) => url.href(entry.kind === 'folder' ? { path: entry.key, file: null } : { file: entry.name }),
    [url],
  );
  const onKey = (key: string) => {
    if (key === 'Delete' && chosen.length > 0) setQuestion({ kind: 'delete', entries: chosen });
    else if (key === 'F2' && chosen.length === 1 && chosen[0]) setQuestion({ kind: 'rename', entry: chosen[0] });
    else if (key === 'Backspace' && folder !== '') go(folderAbove(folder));
    else return false;
    return true;
  };

  return (
    <Page
      wide
      title={storage.displayName}
      actions={
        <>
          <StorageMenu own storage={storage} onDeleted={() => router.push('/storage')} />
          <Button icon={<FolderPlus className="icon" aria-hidden />} onClick={() => setQuestion({ kind: 'folder' })}>
            {t('storage.files.newFolder')}
          </Button>
          <UploadButtons target={target} />
        </>
      }
    >
      <DropZone target={target}>
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 pb-3">
          <FolderTrail
            storageName={storage.displayName}
            folder={folder}
            hrefOf={(path) => url.href({ path, file: null })}
          />
          <FilesToolbar
            storageId={storage.id}
            chosen={chosen}
            count={query.isSuccess ? entries.length : null}
            more={query.hasNextPage}
            reading={query.isFetching}
            onRefresh={() => void query.refetch()}
            onClear={() => setSelected(new Set())}
            onAsk={setQuestion}
          />
        </div>
        <div className={cx('grid items-start gap-4', previewed && 'lg:grid-cols-[minmax(0,1fr)_minmax(320px,2fr)]')}>
          <FilesTable
            storage={storage}
            folder={folder}
            query={query}
            entries={entries}
            complete={complete}
            selected={selected}
            onSelectedChange={setSelected}
            narrow={previewed !== null}
            onOpen={open}
            hrefOf={hrefOf}
            onAsk={setQuestion}
            onKey={onKey}
          />
          {previewed ? (
            <PreviewPanel
              storageId={storage.id}
              fileKey={folder + previewed}
              entry={shown}
              state={query.isPending ? 'reading' : complete && !shown ? 'gone' : 'known'}
              onClose={() => url.set({ file: null })}
            />
          ) : null}
        </div>
      </DropZone>
      {question ? (
        <FileDialogs
          storageId={storage.id}
          storageName={storage.displayName}
          folder={folder}
          question={question}
          onClose={() => setQuestion(null)}
          onDone={(renamedTo) => {
            // The preview follows its file, or ends with it.
            if (asksAbout(question, previewed)) url.set({ file: renamedTo ?? null });
            setQuestion(null);
            setSelected(new Set());
          }}
        />
      ) : null}
    </Page>
  );
}
