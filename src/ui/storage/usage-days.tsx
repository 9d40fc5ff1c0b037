'use client';
/** The days of the trend as a table, for whoever wants the numbers. Drawn once somebody looks. */
import { ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Table } from '../primitives/table.tsx';
import type { Column } from '../primitives/table-types.ts';
import type { Usage } from './usage-trend.ts';

type Day = Usage['samples'][number];

export function UsageDays({ samples }: { samples: readonly Day[] }) {
  const t = useT();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const rows = useMemo(() => [...samples].reverse(), [samples]);
  const columns = useMemo<Column<Day>[]>(
    () => [
      { id: 'day', header: t('storages.usage.day'), cell: ({ day }) => format.day(day) },
      {
        id: 'size',
        header: t('storages.usage.size'),
        width: '120px',
        align: 'right',
        cell: ({ sizeBytes }) => format.bytes(sizeBytes),
      },
      {
        id: 'files',
        header: t('storages.usage.files'),
        width: '120px',
        align: 'right',
        cell: ({ objects }) => format.number(objects),
      },
    ],
    [t, format],
  );
  return (
    <details className="group mt-4" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="touch inline-flex list-none items-center gap-1 rounded-sm text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight className="icon transition-transform duration-100 group-open:rotate-90" aria-hidden />
        {t('storages.usage.table')}
      </summary>
      {open ? (
        <div className="mt-2 overflow-hidden rounded-md border border-line">
          <Table
            label={t('storages.usage.table')}
            columns={columns}
            rows={rows}
            rowKey={({ day }) => day}
            maxHeight="320px"
          />
        </div>
      ) : null}
    </details>
  );
}
