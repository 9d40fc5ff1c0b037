'use client';
/** What the log holds, and how far back it reaches. */
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Card } from '../../primitives/card.tsx';
import type { DatabaseLog } from './database-log.ts';
import { Fact } from './fact.tsx';

export function LogCard({ log }: { log: DatabaseLog }) {
  const t = useT();
  const format = useFormat();
  const { place, encrypted, commits, batches, sinceSnapshot, retentionMs, collected } = log;
  const slots = (count: number) => t('adminDatabase.log.slots', { count });
  return (
    <Card title={t('adminDatabase.log')}>
      <p className="mb-3 text-pretty text-ink-2 text-sm">{t('adminDatabase.log.text')}</p>
      <dl>
        <Fact name={t('adminDatabase.log.place')}>{place}</Fact>
        <Fact name={t('adminDatabase.log.encrypted')}>
          {t(encrypted ? 'adminDatabase.log.encrypted.yes' : 'adminDatabase.log.encrypted.no')}
        </Fact>
        <Fact name={t('adminDatabase.log.retention')}>
          {retentionMs > 0
            ? t('adminDatabase.log.retention.back', { time: format.duration(retentionMs) })
            : t('adminDatabase.log.retention.none')}
        </Fact>
        <Fact name={t('adminDatabase.log.stored')}>
          {t('adminDatabase.log.in', {
            changes: t('adminDatabase.log.changes', { count: commits }),
            slots: slots(batches),
          })}
        </Fact>
        <Fact name={t('adminDatabase.log.since')}>
          {t('adminDatabase.log.amount', {
            slots: slots(sinceSnapshot.slots),
            size: format.bytes(sinceSnapshot.bytes),
          })}
        </Fact>
        <Fact name={t('adminDatabase.log.collected')}>{t('adminDatabase.log.objects', { count: collected })}</Fact>
      </dl>
    </Card>
  );
}
