'use client';
/** What was done to somebody and by them, newest first; the rest is in the audit trail. */
import Link from 'next/link';
import { ResultWord } from '../../activity/result-word.tsx';
import { Sentence } from '../../activity/sentence.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Time } from '../../primitives/time.tsx';
import type { PersonDetail } from './people.ts';

type Entry = PersonDetail['history'][number];

export function PersonHistory({ person }: { person: PersonDetail }) {
  const t = useT();
  const { id, history } = person;
  return (
    <>
      {history.length === 0 ? <p className="text-ink-2">{t('adminUsers.history.none')}</p> : null}
      <ol className="flex flex-col gap-3">
        {history.map((entry) => (
          <HistoryItem key={entry.id} entry={entry} />
        ))}
      </ol>
      <Link
        href={`/admin/audit?owner=${id}`}
        className="touch mt-4 inline-flex items-center rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
      >
        {t('adminUsers.history.all')}
      </Link>
    </>
  );
}

function HistoryItem({ entry }: { entry: Entry }) {
  const { action, at, result, details, before, after } = entry;
  const reason = typeof details?.reason === 'string' ? details.reason : null;
  const role = action === 'user.role' ? [before?.role, after?.role].filter((one) => typeof one === 'string') : [];
  return (
    <li className="flex items-baseline justify-between gap-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="min-w-0 break-words">
            <Sentence entry={entry} viewer={undefined} />
          </span>
          {role.length === 2 ? <span className="text-ink-2">{role.join(' → ')}</span> : null}
          {result === 'done' ? null : <ResultWord result={result} />}
        </p>
        {reason ? <p className="break-words text-ink-3 text-sm">{reason}</p> : null}
      </div>
      <Time at={at} as="short" className="shrink-0 text-ink-3 text-sm" />
    </li>
  );
}
