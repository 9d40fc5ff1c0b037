'use client';
/** One account that leads to oneself. */
import { Link2 } from 'lucide-react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { useNow } from '../primitives/clock.ts';
import { StatusBadge } from '../primitives/status-badge.tsx';
import type { Account } from './account.ts';

const MINUTE_MS = 60_000;

interface AccountRowProps {
  account: Account;
  /** There is no other one: it stays. */
  only: boolean;
  mark: string | null;
  /** null: the sign-in is too old to change anything. */
  onRemove: (() => void) | null;
}

export function AccountRow({ account, only, mark, onRemove }: AccountRowProps) {
  const t = useT();
  const format = useFormat();
  const now = useNow(MINUTE_MS);
  const { label, email, lastUsedAt, current } = account;
  return (
    <li className="flex items-start gap-3 border-line border-b px-4 py-3 last:border-b-0">
      {mark === null ? (
        <Link2 className="icon mt-0.5 shrink-0 text-ink-3" aria-hidden />
      ) : (
        // biome-ignore lint/performance/noImgElement: a data: address of a few hundred bytes.
        <img src={mark} alt="" className="mt-0.5 size-4 shrink-0" />
      )}
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="break-words font-medium">{label}</span>
          {current ? <StatusBadge tone="running">{t('settings.accounts.current')}</StatusBadge> : null}
        </p>
        {email === '' ? null : <p className="break-words text-ink-2 text-sm">{email}</p>}
        <p className="nums text-ink-3 text-sm" title={format.exact(lastUsedAt)}>
          {t('settings.accounts.used', { time: format.relative(lastUsedAt, Math.max(now, lastUsedAt)) })}
          {only ? ` · ${t('settings.accounts.last')}` : null}
        </p>
      </div>
      {only || onRemove === null ? null : (
        <Button size="sm" aria-label={t('settings.accounts.removeNamed', { label, email })} onClick={onRemove}>
          {t('settings.accounts.remove')}
        </Button>
      )}
    </li>
  );
}
