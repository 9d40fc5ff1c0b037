'use client';
/** The two answers to somebody who waits, beside what is known of them. */
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { ApproveDialog } from './approve-dialog.tsx';
import type { PersonDetail } from './people.ts';
import { RefuseDialog } from './refuse-dialog.tsx';

export function AwaitingAnswer({ person, onRefused }: { person: PersonDetail; onRefused: () => void }) {
  const t = useT();
  const [asked, setAsked] = useState<'approve' | 'refuse' | null>(null);
  const close = () => setAsked(null);
  return (
    <div className="flex flex-wrap gap-2">
      <Button look="primary" onClick={() => setAsked('approve')}>
        {t('adminUsers.awaiting.approve')}
      </Button>
      <Button onClick={() => setAsked('refuse')}>{t('adminUsers.awaiting.refuse')}</Button>
      {asked === 'approve' ? <ApproveDialog person={person} onClose={close} /> : null}
      {asked === 'refuse' ? <RefuseDialog person={person} onClose={close} onRefused={onRefused} /> : null}
    </div>
  );
}
