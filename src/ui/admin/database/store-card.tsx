'use client';
/** How reliable the store is, what waits for it, and what went wrong last. */
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Card } from '../../primitives/card.tsx';
import { Time } from '../../primitives/time.tsx';
import type { DatabaseLog } from './database-log.ts';
import { Fact } from './fact.tsx';

export function StoreCard({ log }: { log: DatabaseLog }) {
  const t = useT();
  const format = useFormat();
  const { store, pendingBytes, checkpoint } = log;
  return (
    <Card title={t('adminDatabase.store')}>
      <p className="mb-3 text-pretty text-ink-2 text-sm">{t('adminDatabase.store.text')}</p>
      <dl>
        <Fact name={t('adminDatabase.store.puts')}>
          {store.retries > 0
            ? t('adminDatabase.store.retries', { puts: store.puts, retries: store.retries })
            : format.number(store.puts)}
        </Fact>
        <Fact name={t('adminDatabase.store.pending')}>{format.bytes(pendingBytes)}</Fact>
        <Fact name={t('adminDatabase.store.checkpoint')}>{format.duration(checkpoint.longestMs)}</Fact>
        <Fact name={t('adminDatabase.store.error')}>
          {store.lastError === null || store.lastErrorAt === null ? (
            t('adminDatabase.store.error.none')
          ) : (
            <>
              <Time at={store.lastErrorAt} />
              <span className="block text-ink-2 text-sm">{store.lastError}</span>
            </>
          )}
        </Fact>
      </dl>
    </Card>
  );
}
