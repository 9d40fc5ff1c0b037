'use client';
/** Who waits to be let in, above everything else: on a phone the answer is two taps away. */
import { Hourglass } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { useNow } from '../../primitives/clock.ts';
import { trpc } from '../../trpc-client.tsx';
import { useUrlState } from '../../url-state.ts';
import { AWAITING_REQUEST, type PersonRow } from './people.ts';

const ApproveDialog = dynamic(async () => (await import('./approve-dialog.tsx')).ApproveDialog, { ssr: false });
const RefuseDialog = dynamic(async () => (await import('./refuse-dialog.tsx')).RefuseDialog, { ssr: false });

interface Answer {
  kind: 'approve' | 'refuse';
  person: PersonRow;
}

export function AwaitingStrip() {
  const t = useT();
  const { get, set } = useUrlState();
  const { data: counts } = trpc.admin.users.counts.useQuery();
  const { data } = trpc.admin.users.list.useQuery(AWAITING_REQUEST);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const people = data?.people ?? [];
  const count = Math.max(counts?.awaiting ?? 0, people.length);
  const done = () => setAnswer(null);
  if (people.length === 0 && answer === null) return null;
  return (
    <>
      {people.length > 0 ? (
        <section aria-labelledby="awaiting" className="overflow-hidden rounded-lg border border-warning/40 bg-surface">
          <header className="flex min-h-11 flex-wrap items-center gap-x-2 bg-warning-soft px-4 py-2">
            <Hourglass className="icon text-warning" aria-hidden />
            <h2 id="awaiting" className="nums flex-1 font-semibold">
              {t('adminUsers.awaiting.title', { count })}
            </h2>
            {count > people.length && get('state') !== 'awaiting' ? (
              <Button size="sm" look="quiet" onClick={() => set({ state: 'awaiting' }, 'push')}>
                {t('adminUsers.awaiting.all')}
              </Button>
            ) : null}
          </header>
          <ul>
            {people.map((person) => (
              <AwaitingPerson key={person.id} person={person} onAnswer={(kind) => setAnswer({ kind, person })} />
            ))}
          </ul>
        </section>
      ) : null}
      {answer?.kind === 'approve' ? <ApproveDialog person={answer.person} onClose={done} /> : null}
      {answer?.kind === 'refuse' ? <RefuseDialog person={answer.person} onClose={done} /> : null}
    </>
  );
}

interface AwaitingPersonProps {
  person: PersonRow;
  onAnswer: (kind: Answer['kind']) => void;
}

function AwaitingPerson({ person, onAnswer }: AwaitingPersonProps) {
  const t = useT();
  const format = useFormat();
  const now = useNow(60_000);
  const { name, email, awaitsApprovalSince } = person;
  const since = awaitsApprovalSince ?? person.createdAt;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-t px-4 py-2">
      <p className="min-w-0 flex-1 basis-56">
        <span className="block truncate font-medium" title={name}>
          {name}
        </span>
        <span className="nums block truncate text-ink-2 text-sm" title={`${email} · ${format.exact(since)}`}>
          {email} · {t('adminUsers.awaiting.asked', { time: format.relative(since, Math.max(now, since)) })}
        </span>
      </p>
      <span className="flex gap-2 max-sm:w-full max-sm:*:flex-1">
        <Button
          size="sm"
          aria-label={t('adminUsers.awaiting.refuseNamed', { name })}
          onClick={() => onAnswer('refuse')}
        >
          {t('adminUsers.awaiting.refuse')}
        </Button>
        <Button
          size="sm"
          look="primary"
          aria-label={t('adminUsers.awaiting.approveNamed', { name })}
          onClick={() => onAnswer('approve')}
        >
          {t('adminUsers.awaiting.approve')}
        </Button>
      </span>
    </li>
  );
}
