'use client';
import { useMemo, useState } from 'react';
import { Breadcrumb } from '../../../ui/primitives/breadcrumb.tsx';
import { Card } from '../../../ui/primitives/card.tsx';
import { LogView } from '../../../ui/primitives/log-view.tsx';
import { Bytes } from '../../../ui/primitives/quantity.tsx';
import { StatusBadge } from '../../../ui/primitives/status-badge.tsx';
import { Table } from '../../../ui/primitives/table.tsx';
import type { Column, Sort } from '../../../ui/primitives/table-types.ts';
import { Tabs } from '../../../ui/primitives/tabs.tsx';
import { Section } from './section.tsx';

interface Item {
  id: string;
  name: string;
  sizeBytes: number;
  up: boolean;
}

const ITEMS: readonly Item[] = Array.from({ length: 10_000 }, (_, index) => ({
  id: `i${index}`,
  name: index === 1 ? `a-name-of-sixty-four-characters-${'x'.repeat(32)}` : `run-${index}.fits`,
  sizeBytes: (index * 7_919) ** 2 % 9_000_000_000,
  up: index % 3 !== 0,
}));

const COLUMNS: readonly Column<Item>[] = [
  { id: 'name', header: 'Name', cell: (item) => item.name, sortValue: (item) => item.name },
  {
    id: 'state',
    header: 'State',
    width: '140px',
    hideBelow: 'sm',
    cell: (item) => (
      <StatusBadge look="plain" tone={item.up ? 'running' : 'stopped'}>
        {item.up ? 'Running' : 'Stopped'}
      </StatusBadge>
    ),
  },
  {
    id: 'size',
    header: 'Size',
    width: '120px',
    align: 'right',
    cell: (item) => <Bytes value={item.sizeBytes} />,
    sortValue: (item) => item.sizeBytes,
  },
];

const ESC = '\u001b';
const LOG = Array.from({ length: 5000 }, (_, index) => ({
  id: index,
  at: Date.UTC(2026, 10, 24, 9, 30) + index * 250,
  stream: index % 50 === 49 ? ('stderr' as const) : ('stdout' as const),
  text:
    index % 50 === 49
      ? `${ESC}[1;31merror${ESC}[0m: could not read chunk ${index}, retrying in ${ESC}[33m2 s${ESC}[0m`
      : `${ESC}[36m[server]${ESC}[0m request ${index} ${ESC}[32m200${ESC}[0m ${ESC}[2min ${index % 90} ms${ESC}[0m`,
}));

export function DataShow() {
  const [sort, setSort] = useState<Sort>({ id: 'name', desc: false });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(['i2']));
  const [opened, setOpened] = useState('');
  const few = useMemo(() => ITEMS.slice(0, 4), []);
  return (
    <Section title="Data">
      <Breadcrumb
        crumbs={[
          { label: 'Storage', href: '/storage' },
          { label: 'ada-workspace', href: '/storage/1' },
          { label: 'maps' },
        ]}
      />
      <Tabs
        label="Environment"
        current="logs"
        tabs={[
          { id: 'overview', label: 'Overview', href: '?tab=overview' },
          { id: 'logs', label: 'Logs', href: '?tab=logs' },
          { id: 'events', label: 'Events', href: '?tab=events', count: 3 },
        ]}
      />
      <p className="text-ink-2" aria-live="polite">
        {selected.size} selected{opened ? `, opened ${opened}` : ''}
      </p>
      <Card flush className="overflow-hidden">
        <Table
          label="Ten thousand objects"
          columns={COLUMNS}
          rows={ITEMS}
          rowKey={(item) => item.id}
          rowName={(item) => item.name}
          sort={sort}
          onSortChange={setSort}
          selected={selected}
          onSelectedChange={setSelected}
          onOpen={(item) => setOpened(item.name)}
          maxHeight="360px"
        />
      </Card>
      <Card flush className="overflow-hidden">
        <Table label="Loading objects" columns={COLUMNS} rows={few} rowKey={(item) => item.id} loadingRows={3} />
      </Card>
      <LogView lines={LOG} height="360px" />
    </Section>
  );
}
