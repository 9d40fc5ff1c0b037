'use client';
/** Variables that every environment of one's own gets. Their values can be given anew, never read. */
import { Braces, ClipboardPaste, Plus } from 'lucide-react';
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

const VariableDialog = dynamic(async () => (await import('./variables-tab-dialog.tsx')).VariableDialog, { ssr: false });
const ImportDialog = dynamic(async () => (await import('./variables-tab-import.tsx')).ImportDialog, { ssr: false });
const DeleteVariableDialog = dynamic(async () => (await import('./variables-tab-dialog.tsx')).DeleteVariableDialog, {
  ssr: false,
});

type Asked = { kind: 'set'; name: string | null } | { kind: 'import' } | { kind: 'delete'; name: string };

export function VariablesTab() {
  const t = useT();
  const query = trpc.secrets.variables.list.useQuery();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  const columns = useMemo(
    () =>
      secretColumns({
        t,
        what: t('secrets.variables.name'),
        nameOf: ({ name }: { name: string }) => name,
        change: t('secrets.variables.replace'),
        remove: t('secrets.variables.delete'),
        onChange: ({ name }) => setAsked({ kind: 'set', name }),
        onRemove: ({ name }) => setAsked({ kind: 'delete', name }),
      }),
    [t],
  );
  const variables = query.data;
  if (query.isError && !variables)
    return (
      <FailedQuery error={query.error} what={t('secrets.variables.failedWhat')} onRetry={() => void query.refetch()} />
    );
  const buttons = (
    <>
      <Button icon={<ClipboardPaste className="icon" aria-hidden />} onClick={() => setAsked({ kind: 'import' })}>
        {t('secrets.variables.import')}
      </Button>
      <Button
        look="primary"
        icon={<Plus className="icon" aria-hidden />}
        onClick={() => setAsked({ kind: 'set', name: null })}
      >
        {t('secrets.variables.add')}
      </Button>
    </>
  );
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <p className="min-w-0 flex-1 basis-72 text-pretty text-ink-2">
          {t('secrets.variables.intro')} <SecretsHelp />
        </p>
        <div className="flex flex-wrap gap-2">{buttons}</div>
      </div>
      <OutdatedNotice />
      <Card flush className="overflow-hidden">
        <Table
          label={t('secrets.variables.title')}
          columns={columns}
          rows={variables ?? []}
          rowKey={({ name }) => name}
          loadingRows={variables ? 0 : 3}
          empty={
            <EmptyState icon={<Braces aria-hidden />} title={t('secrets.variables.empty.title')}>
              {t('secrets.variables.empty.text')}
            </EmptyState>
          }
        />
      </Card>
      {asked?.kind === 'set' ? <VariableDialog name={asked.name} onClose={close} /> : null}
      {asked?.kind === 'import' ? <ImportDialog onClose={close} /> : null}
      {asked?.kind === 'delete' ? <DeleteVariableDialog name={asked.name} onClose={close} /> : null}
    </>
  );
}
