'use client';
/** Whether somebody can sign in, and the way to change that. */
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { ActiveDialog } from './active-dialog.tsx';
import type { PersonDetail } from './people.ts';

export function AccountForm({ person }: { person: PersonDetail }) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  const { active, lastAdmin } = person;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="min-w-0 flex-1 basis-56 text-ink-2">
        {t(active ? 'adminUsers.account.active' : 'adminUsers.account.inactive')}
      </p>
      <Button disabled={lastAdmin} onClick={() => setAsked(true)}>
        {t(active ? 'adminUsers.deactivate.ask' : 'adminUsers.activate.ask')}
      </Button>
      {asked ? <ActiveDialog person={person} onClose={() => setAsked(false)} /> : null}
    </div>
  );
}
