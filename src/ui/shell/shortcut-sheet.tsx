'use client';
/** All shortcuts, on `?`. */
import { Fragment } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Kbd } from '../primitives/kbd.tsx';
import { useDestinations } from './viewer-role.ts';

export function ShortcutSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useT();
  const destinations = useDestinations();
  const groups: { title: string; rows: [keys: string, text: string][] }[] = [
    {
      title: t('shortcuts.group.everywhere'),
      rows: [
        ['mod+k', t('shortcuts.palette')],
        ...destinations.map(({ key, label }): [string, string] => [`g ${key}`, t('shortcuts.go', { page: t(label) })]),
        ['l', t('shortcuts.launch')],
        ['/', t('shortcuts.search')],
        ['?', t('shortcuts.sheet')],
        ['escape', t('shortcuts.close')],
      ],
    },
    {
      title: t('shortcuts.group.tables'),
      rows: [
        ['up down', t('shortcuts.rows')],
        ['enter', t('shortcuts.openRow')],
        ['space', t('shortcuts.selectRow')],
      ],
    },
  ];
  return (
    <Dialog
      size="sm"
      open={open}
      onOpenChange={onOpenChange}
      title={t('shortcuts.title')}
      description={t('shortcuts.intro')}
    >
      <dl className="grid grid-cols-[1fr_auto] items-center gap-y-2">
        {groups.map((group) => (
          <Fragment key={group.title}>
            <div className="col-span-2 pt-3 font-medium text-ink-3 text-sm first:pt-0" aria-hidden>
              {group.title}
            </div>
            {group.rows.map(([keys, text]) => (
              <div key={keys} className="contents">
                <dt>{text}</dt>
                <dd className="justify-self-end">
                  <Kbd keys={keys} />
                </dd>
              </div>
            ))}
          </Fragment>
        ))}
      </dl>
    </Dialog>
  );
}
