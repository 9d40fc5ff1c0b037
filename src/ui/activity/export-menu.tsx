'use client';
/** Saves what the filters leave as a file, streamed by the server: all of it, not only what is shown. */
import { Download } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Menu, MenuItem, MenuLabel } from '../primitives/menu.tsx';
import { exportHref } from './trail.ts';

interface ExportMenuProps {
  path: '/api/activity/export' | '/api/audit/export';
  filter: Readonly<Record<string, string | number | undefined>>;
}

export function ExportMenu({ path, filter }: ExportMenuProps) {
  const t = useT();
  // The answer is an attachment, so the page stays.
  const save = (format: 'csv' | 'jsonl') => window.location.assign(exportHref(path, { format, ...filter }));
  return (
    <Menu
      align="end"
      trigger={<Button icon={<Download className="icon" aria-hidden />}>{t('activity.export')}</Button>}
    >
      <MenuLabel>{t('activity.export.all')}</MenuLabel>
      <MenuItem onSelect={() => save('csv')}>{t('activity.export.csv')}</MenuItem>
      <MenuItem onSelect={() => save('jsonl')}>{t('activity.export.jsonl')}</MenuItem>
    </Menu>
  );
}
