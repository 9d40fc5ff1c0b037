'use client';
/** What both lists, of variables and of files, show of each row: its name, size, last change, and what can be done to it. */
import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import type { Translate } from '../messages/translate.ts';
import { IconButton } from '../primitives/icon-button.tsx';
import { Menu, MenuItem } from '../primitives/menu.tsx';
import { Bytes } from '../primitives/quantity.tsx';
import type { Column } from '../primitives/table-types.ts';
import { Time } from '../primitives/time.tsx';

interface Kept {
  sizeBytes: number;
  updatedAt: number;
}

interface SecretColumnsOptions<Row> {
  t: Translate;
  what: string;
  nameOf: (row: Row) => string;
  change: string;
  remove: string;
  onChange: (row: Row) => void;
  onRemove: (row: Row) => void;
}

export function secretColumns<Row>(options: SecretColumnsOptions<Row>): Column<Row & Kept>[] {
  const { t, nameOf } = options;
  return [
    {
      id: 'name',
      header: options.what,
      cell: (row) => (
        <span className="block truncate font-mono" title={nameOf(row)}>
          {nameOf(row)}
        </span>
      ),
    },
    {
      id: 'size',
      header: t('secrets.size'),
      width: '104px',
      align: 'right',
      hideBelow: 'sm',
      cell: ({ sizeBytes }) => <Bytes value={sizeBytes} className="text-ink-2" />,
    },
    {
      id: 'changed',
      header: t('secrets.changed'),
      width: '130px',
      cell: ({ updatedAt }) => <Time at={updatedAt} as="short" className="text-ink-2 text-sm" />,
    },
    {
      id: 'actions',
      header: t('secrets.actions'),
      hideHeader: true,
      width: '56px',
      align: 'right',
      cell: (row) => (
        <Menu
          trigger={
            <IconButton
              size="sm"
              label={t('secrets.menu', { name: nameOf(row) })}
              icon={<Ellipsis className="icon" aria-hidden />}
            />
          }
        >
          <MenuItem icon={<Pencil className="icon" aria-hidden />} onSelect={() => options.onChange(row)}>
            {options.change}
          </MenuItem>
          <MenuItem danger icon={<Trash2 className="icon" aria-hidden />} onSelect={() => options.onRemove(row)}>
            {options.remove}
          </MenuItem>
        </Menu>
      ),
    },
  ];
}

export function SecretsHelp() {
  const t = useT();
  return (
    <Link
      href="/help/variables-and-files"
      className="rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
    >
      {t('secrets.help')}
    </Link>
  );
}
