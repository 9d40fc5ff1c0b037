'use client';
/** One place where one is signed in. */
import { Monitor, Smartphone } from 'lucide-react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import type { Translate } from '../messages/translate.ts';
import { Button } from '../primitives/button.tsx';
import { useNow } from '../primitives/clock.ts';
import { StatusBadge } from '../primitives/status-badge.tsx';
import type { Outputs } from '../trpc-client.tsx';
import { deviceName, isHandheld } from './device-name.ts';

type Session = Outputs['profile']['sessions'][number];

const MINUTE_MS = 60_000;

function deviceText(t: Translate, { browser, system }: ReturnType<typeof deviceName>): string {
  if (browser && system) return t('settings.sessions.device', { browser, system });
  return browser ?? system ?? t('settings.sessions.unknown');
}

export function SessionRow({ session, onRevoke }: { session: Session; onRevoke: () => void }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(MINUTE_MS);
  const { current, createdAt, lastSeenAt, expiresAt, userAgent, address } = session;
  const device = deviceName(userAgent);
  const name = deviceText(t, device);
  const Icon = isHandheld(device) ? Smartphone : Monitor;
  // The clock ticks by the minute: what has just happened must not lie ahead of it.
  const ago = (at: number) => format.relative(at, Math.max(now, at));
  const ahead = format.relative(expiresAt, Math.max(now, lastSeenAt));
  return (
    <li className="flex items-start gap-3 border-line border-b px-4 py-3 last:border-b-0">
      <Icon className="icon mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="break-words font-medium" title={userAgent}>
            {name}
          </span>
          {current ? <StatusBadge tone="running">{t('settings.sessions.current')}</StatusBadge> : null}
        </p>
        <p className="nums break-words text-ink-2 text-sm">
          <span title={format.exact(createdAt)}>{t('settings.sessions.signedIn', { time: ago(createdAt) })}</span>
          {address ? ` · ${t('settings.sessions.from', { address })}` : null}
        </p>
        <p className="nums break-words text-ink-3 text-sm">
          {current ? null : (
            <>
              <span title={format.exact(lastSeenAt)}>{t('settings.sessions.lastSeen', { time: ago(lastSeenAt) })}</span>
              {' · '}
            </>
          )}
          <span title={format.exact(expiresAt)}>{t('settings.sessions.expires', { time: ahead })}</span>
        </p>
      </div>
      {current ? null : (
        <Button
          size="sm"
          aria-label={t('settings.sessions.revokeNamed', { device: name, time: ago(lastSeenAt) })}
          onClick={onRevoke}
        >
          {t('settings.sessions.revoke')}
        </Button>
      )}
    </li>
  );
}
