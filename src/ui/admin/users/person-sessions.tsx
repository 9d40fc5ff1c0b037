'use client';
/** Where somebody is signed in, each to end or all at once. A row leaves at once and comes back when the server refuses. */
import { Monitor, Smartphone } from 'lucide-react';
import { useState } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { useNow } from '../../primitives/clock.ts';
import { toast } from '../../primitives/toast.ts';
import { deviceName, isHandheld } from '../../settings/device-name.ts';
import { trpc } from '../../trpc-client.tsx';
import { EndSessionsDialog } from './end-sessions-dialog.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

type Session = PersonDetail['sessions'][number];

export function PersonSessions({ person }: { person: PersonDetail }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id } = person;
  const [asked, setAsked] = useState(false);
  const [ending, setEnding] = useState<string | null>(null);
  const change = usePersonChange(person, () => toast.success(t('adminUsers.sessions.ended', { count: 1 })));
  const shown = person.sessions.filter((one) => !(change.busy && one.id === ending));
  const end = (session: Session) => {
    setEnding(session.id);
    change.run((confirmSelf) =>
      utils.client.admin.users.endSessions.mutate({ id, sessionId: session.id, ...confirmSelf }),
    );
  };
  if (person.sessions.length === 0) return <p className="text-ink-2">{t('adminUsers.sessions.none')}</p>;
  return (
    <>
      <ul className="rounded-md border border-line">
        {[...shown]
          .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
          .map((session) => (
            <SessionItem key={session.id} session={session} onEnd={() => end(session)} />
          ))}
      </ul>
      <div aria-live="polite">{change.error ? <p className="mt-2 text-failed text-sm">{change.error}</p> : null}</div>
      {person.sessions.length > 1 ? (
        <Button size="sm" className="mt-3" onClick={() => setAsked(true)}>
          {t('adminUsers.sessions.endAll')}
        </Button>
      ) : null}
      {asked ? <EndSessionsDialog person={person} onClose={() => setAsked(false)} /> : null}
      <OwnQuestion change={change} text={t('adminUsers.self.session')} />
    </>
  );
}

function SessionItem({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(60_000);
  const { userAgent, address, lastSeenAt } = session;
  const found = deviceName(userAgent);
  const { browser, system } = found;
  const device =
    browser && system
      ? t('settings.sessions.device', { browser, system })
      : (browser ?? system ?? t('settings.sessions.unknown'));
  const time = format.relative(lastSeenAt, Math.max(now, lastSeenAt));
  const Icon = isHandheld(found) ? Smartphone : Monitor;
  return (
    <li className="flex items-center gap-3 border-line border-b px-3 py-2 last:border-b-0">
      <Icon className="icon shrink-0 text-ink-3" aria-hidden />
      <p className="min-w-0 flex-1">
        <span className="block truncate" title={userAgent}>
          {device}
        </span>
        <span className="nums block truncate text-ink-3 text-sm" title={format.exact(lastSeenAt)}>
          {t('adminUsers.sessions.seen', { time })}
          {address ? ` · ${t('settings.sessions.from', { address })}` : null}
        </span>
      </p>
      <Button size="sm" aria-label={t('adminUsers.sessions.endNamed', { device, time })} onClick={onEnd}>
        {t('adminUsers.sessions.end')}
      </Button>
    </li>
  );
}
