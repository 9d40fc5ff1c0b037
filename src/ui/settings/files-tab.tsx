'use client';
/** Files that every environment of one's own finds in its home folder. Their contents can be given anew, never read. */
import { FileKey, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useMemo, useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { Table } from '../primitives/table.tsx';
import { trpc } from '../trpc-client.tsx';
import { OutdatedNotice } from './outdated-notice.tsx';
import { SecretsHelp, secretColumns } from './secret-columns.tsx';
import type { SecretFile } from './secret-file.ts';

const FileDialog = dynamic(async () => (await import('./files-tab-dialog.tsx')).FileDialog, { ssr: false });
const DeleteFileDialog = dynamic(async () => (await import('./files-tab-delete.tsx')).DeleteFileDialog, { ssr: false });

type Asked = { kind: 'set'; file: SecretFile | null } | { kind: 'delete'; file: SecretFile };

export function FilesTab() {
  const t = useT();
  const query = trpc.secrets.files.list.useQuery();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  const columns = useMemo(
    () =>
      secretColumns({
        t,
        what: t('secrets.files.path'),
        nameOf: ({ path }: SecretFile) => `~/${path}`,
        change: t('secrets.files.replace'),
        remove: t('secrets.files.delete'),
        onChange: (file) => setAsked({ kind: 'set', file }),
        onRemove: (file) => setAsked({ kind: 'delete', file }),
      }),
    [t],
  );
  const files = query.data;
  if (query.isError && !files)
    return (
      <FailedQuery error={query.error} what={t('secrets.files.failedWhat')} onRetry={() => void query.refetch()} />
    );
  const add = (
    <Button
      look="primary"
      icon={<Plus className="icon" aria-hidden />}
      onClick={() => setAsked({ kind: 'set', file: null })}
    >
      {t('secrets.files.add')}
    </Button>
  );
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <p className="min-w-0 flex-1 basis-72 text-pretty text-ink-2">
          {t('secrets.files.intro')} <SecretsHelp />
        </p>
        {add}
      </div>
      <OutdatedNotice />
      <Card flush className="overflow-hidden">
        <Table
          label={t('secrets.files.title')}
          columns={columns}
          rows={files ?? []}
          rowKey={({ id }) => id}
          loadingRows={files ? 0 : 3}
          empty={
            <EmptyState icon={<FileKey aria-hidden />} title={t('secrets.files.empty.title')}>
              {t('secrets.files.empty.text')}
            </EmptyState>
          }
        />
      </Card>
      {asked?.kind === 'set' ? <FileDialog file={asked.file} onClose={close} /> : null}
      {asked?.kind === 'delete' ? <DeleteFileDialog file={asked.file} onClose={close} /> : null}
    </>
  );
}
