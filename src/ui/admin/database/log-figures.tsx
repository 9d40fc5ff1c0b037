'use client';
/** The four figures that are looked at first. */
import type { ReactNode } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Time } from '../../primitives/time.tsx';
import type { DatabaseLog } from './database-log.ts';

export function LogFigures({ log }: { log: DatabaseLog }) {
  const t = useT();
  const format = useFormat();
  const { slot, epoch, store, snapshot, databaseBytes, restore } = log;
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line lg:grid-cols-4">
      <Figure name={t('adminDatabase.slot')} hint={t('adminDatabase.slot.hint', { epoch })}>
        {format.number(slot)}
      </Figure>
      <Figure
        name={t('adminDatabase.latency')}
        hint={
          store.p99Ms === null
            ? t('adminDatabase.latency.none')
            : t('adminDatabase.latency.hint', { p99: format.duration(store.p99Ms) })
        }
      >
        {store.p50Ms === null ? '–' : format.duration(store.p50Ms)}
      </Figure>
      <Figure
        name={t('adminDatabase.snapshot')}
        hint={
          snapshot === null
            ? t('adminDatabase.snapshot.none.hint')
            : t(`adminDatabase.snapshot.${snapshot.kind}`, {
                size: format.bytes(snapshot.bytes),
                time: format.duration(snapshot.ms),
              })
        }
      >
        {snapshot === null ? t('adminDatabase.snapshot.none') : <Time at={snapshot.at} as="short" />}
      </Figure>
      <Figure
        name={t('adminDatabase.size')}
        hint={
          restore === null
            ? t('adminDatabase.size.fresh')
            : t('adminDatabase.size.restored', { time: format.duration(restore.ms) })
        }
      >
        {format.bytes(databaseBytes)}
      </Figure>
    </dl>
  );
}

function Figure({ name, hint, children }: { name: string; hint: string; children: ReactNode }) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3">
      <dt className="text-ink-2">{name}</dt>
      <dd className="nums mt-1 font-semibold text-xl">{children}</dd>
      <dd className="mt-0.5 text-pretty text-ink-3 text-sm">{hint}</dd>
    </div>
  );
}
