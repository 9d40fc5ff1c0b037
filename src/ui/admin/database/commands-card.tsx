'use client';
/** What is done at a terminal, ready to be copied. */
import { useT } from '../../messages/messages-provider.tsx';
import { Card } from '../../primitives/card.tsx';
import { useNow } from '../../primitives/clock.ts';
import { Copyable } from '../../primitives/copyable.tsx';
import type { DatabaseLog } from './database-log.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function CommandsCard({ log }: { log: DatabaseLog }) {
  const t = useT();
  const moment = momentWithin(log.retentionMs, useNow(HOUR_MS));
  const commands = [
    ['verify', 'npm start -- db verify'],
    ['restore', `npm start -- db restore${moment ? ` --at ${moment}` : ''} --out restored.sqlite`],
    ['status', 'npm start -- db status'],
  ] as const;
  return (
    <Card title={t('adminDatabase.commands')}>
      <p className="mb-3 text-pretty text-ink-2 text-sm">{t('adminDatabase.commands.text')}</p>
      <dl className="flex flex-col gap-4">
        {commands.map(([name, command]) => (
          <div key={name}>
            <dt className="mb-1 text-ink-2">{t(`adminDatabase.commands.${name}`)}</dt>
            <dd>
              <Copyable block text={command} />
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

/** The same hour yesterday, as an example to change; null where only the present is kept. */
function momentWithin(retentionMs: number, now: number): string | null {
  return retentionMs < DAY_MS ? null : `${new Date(now - DAY_MS).toISOString().slice(0, 16)}Z`;
}
