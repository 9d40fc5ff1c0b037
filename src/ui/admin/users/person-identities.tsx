'use client';
/** By which accounts elsewhere somebody signs in. */
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { useNow } from '../../primitives/clock.ts';
import type { PersonDetail } from './people.ts';

export function PersonIdentities({ person }: { person: PersonDetail }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(60_000);
  if (person.identities.length === 0) return <p className="text-ink-2">{t('adminUsers.identities.none')}</p>;
  return (
    <ul className="rounded-md border border-line">
      {person.identities.map(({ issuer, subject, email, lastUsedAt }) => (
        <li key={`${issuer} ${subject}`} className="border-line border-b px-3 py-2 last:border-b-0">
          <span className="block break-words">{email || subject}</span>
          <span className="nums block break-words text-ink-3 text-sm" title={format.exact(lastUsedAt)}>
            <span className="font-mono">{issuer}</span>
            {' · '}
            {t('adminUsers.identities.used', { time: format.relative(lastUsedAt, Math.max(now, lastUsedAt)) })}
          </span>
        </li>
      ))}
    </ul>
  );
}
