'use client';
/** What was done to somebody and by them, newest first; the rest is in the audit trail. */
import Link from 'next/link';
import { useT } from '../../messages/messages-provider.tsx';
import type { MessageKey } from '../../messages/translate.ts';
import { StatusBadge } from '../../primitives/status-badge.tsx';
import { Time } from '../../primitives/time.tsx';
import type { PersonDetail } from './people.ts';

type Entry = PersonDetail['history'][number];

/** Deeds that have words here; others stand by their name, as in the audit trail. */
const WORDS = {
  'session.sign_in': 'adminUsers.history.signIn',
  'session.sign_out': 'adminUsers.history.signOut',
  'session.revoke': 'adminUsers.history.revoke',
  'session.refused': 'adminUsers.history.refused',
  'invitation.use': 'adminUsers.history.invitation',
  'user.create': 'adminUsers.history.create',
  'user.approve': 'adminUsers.history.approve',
  'user.role': 'adminUsers.history.role',
  'user.activate': 'adminUsers.history.activate',
  'user.deactivate': 'adminUsers.history.deactivate',
  'user.limits': 'adminUsers.history.limits',
  'user.notes': 'adminUsers.history.notesChanged',
  'user.sessions': 'adminUsers.history.sessions',
  'environment.launch': 'adminUsers.history.launch',
  'environment.start': 'adminUsers.history.start',
  'environment.stop': 'adminUsers.history.stop',
  'environment.delete': 'adminUsers.history.delete',
} as const satisfies Record<string, MessageKey>;

const isKnown = (action: string): action is keyof typeof WORDS => Object.hasOwn(WORDS, action);

export function PersonHistory({ person }: { person: PersonDetail }) {
  const t = useT();
  const { id, history } = person;
  return (
    <>
      {history.length === 0 ? <p className="text-ink-2">{t('adminUsers.history.none')}</p> : null}
      <ol className="flex flex-col gap-3">
        {history.map((entry) => (
          <HistoryItem key={entry.id} entry={entry} own={entry.actor.id === id} />
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

function HistoryItem({ entry, own }: { entry: Entry; own: boolean }) {
  const t = useT();
  const { action, actor, at, result, target, details, before, after } = entry;
  const reason = typeof details?.reason === 'string' ? details.reason : null;
  const role = action === 'user.role' ? [before?.role, after?.role].filter((one) => typeof one === 'string') : [];
  return (
    <li className="flex items-baseline justify-between gap-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2">
          {isKnown(action) ? <span>{t(WORDS[action])}</span> : <span className="font-mono text-sm">{action}</span>}
          {role.length === 2 ? <span className="text-ink-2">{role.join(' → ')}</span> : null}
          {target.kind === 'environment' && target.name ? (
            <span className="break-words text-ink-2">{target.name}</span>
          ) : null}
          {result === 'done' ? null : (
            <StatusBadge tone={result === 'denied' ? 'warning' : 'failed'} look="plain">
              {t(`adminUsers.history.${result}`)}
            </StatusBadge>
          )}
        </p>
        {own && !reason ? null : (
          <p className="break-words text-ink-3 text-sm">
            {own ? null : t('adminUsers.history.by', { name: actor.name })}
            {!own && reason ? ' · ' : null}
            {reason}
          </p>
        )}
      </div>
      <Time at={at} as="short" className="shrink-0 text-ink-3 text-sm" />
    </li>
  );
}
