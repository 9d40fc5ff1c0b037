'use client';
/** The state in a sentence, with what it means and what to do; for the worst ones also why. */
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { useNow } from '../../primitives/clock.ts';
import { Copyable } from '../../primitives/copyable.tsx';
import { StatusBadge } from '../../primitives/status-badge.tsx';
import { type DatabaseLog, TONES } from './database-log.ts';

export function LogState({ log }: { log: DatabaseLog }) {
  const t = useT();
  const { condition, refuses, store } = log;
  const asksForHelp = condition === 'unreachable' || condition === 'late';
  return (
    <div className="min-w-0">
      <div role="status">
        <StatusBadge tone={TONES[condition]}>{t(`adminDatabase.state.${condition}`)}</StatusBadge>
        <p className="mt-2 text-pretty font-semibold text-xl">{t(`adminDatabase.says.${condition}`)}</p>
      </div>
      <p className="mt-1 max-w-prose text-pretty text-ink-2" suppressHydrationWarning>
        <Meaning log={log} />
      </p>
      {refuses ? <p className="mt-2 max-w-prose font-medium text-failed">{t('adminDatabase.refuses')}</p> : null}
      {asksForHelp && store.failingSince !== null && store.lastError !== null ? (
        <p className="wrap-anywhere mt-3 max-w-prose rounded-sm border border-line bg-sunken px-3 py-2 text-sm">
          {store.lastError}
        </p>
      ) : null}
      {asksForHelp ? (
        <div className="mt-3 max-w-prose">
          <p className="mb-2 text-pretty text-ink-2">{t('adminDatabase.remedy')}</p>
          <Copyable block text="npm start -- doctor" className="max-w-md" />
        </div>
      ) : null}
    </div>
  );
}

function Meaning({ log }: { log: DatabaseLog }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(1_000);
  const { condition, storedAt, undurableAgeMs, store } = log;
  const since = (at: number) => format.duration(Math.floor(Math.max(0, now - at) / 1_000) * 1_000);
  if (condition === 'late') return t('adminDatabase.late.text', { age: format.duration(undurableAgeMs) });
  if (condition === 'unreachable')
    return t('adminDatabase.unreachable.text', { ago: since(store.failingSince ?? now) });
  if (condition !== 'stored') return t(`adminDatabase.${condition}.text`);
  if (storedAt === null) return t('adminDatabase.stored.never');
  return t('adminDatabase.stored.ago', { ago: since(storedAt) });
}
