'use client';
/** Who leads, who follows, and how this server began. */
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Card } from '../../primitives/card.tsx';
import { Copyable } from '../../primitives/copyable.tsx';
import { Elapsed } from '../../primitives/time.tsx';
import type { DatabaseLog } from './database-log.ts';
import { Fact } from './fact.tsx';

export function ServersCard({ log }: { log: DatabaseLog }) {
  const t = useT();
  const format = useFormat();
  const { owner, url, leaseLeftMs, restore } = log;
  return (
    <Card title={t('adminDatabase.servers')}>
      <p className="mb-3 text-pretty text-ink-2 text-sm">{t('adminDatabase.servers.text')}</p>
      <dl>
        <Fact name={t('adminDatabase.servers.leader')}>{t('adminDatabase.servers.self')}</Fact>
        <Fact name={t('adminDatabase.servers.owner')}>
          <Copyable text={owner} />
        </Fact>
        <Fact name={t('adminDatabase.servers.url')}>
          <span className="font-mono text-sm">{url}</span>
        </Fact>
        <Fact name={t('adminDatabase.servers.lease')}>
          {leaseLeftMs === null
            ? t('adminDatabase.servers.lease.none')
            : t('adminDatabase.servers.lease.left', { time: format.duration(leaseLeftMs) })}
        </Fact>
        <Fact name={t('adminDatabase.servers.followers')}>
          <Followers followers={log.followers} />
        </Fact>
        <Fact name={t('adminDatabase.servers.restore')}>
          {restore === null
            ? t('adminDatabase.servers.restore.none')
            : t('adminDatabase.servers.restore.text', {
                size: format.bytes(restore.bytes),
                time: format.duration(restore.ms),
                slots: t('adminDatabase.log.slots', { count: restore.slots }),
              })}
        </Fact>
      </dl>
    </Card>
  );
}

function Followers({ followers }: Pick<DatabaseLog, 'followers'>) {
  const t = useT();
  if (followers.length === 0) return t('adminDatabase.servers.followers.none');
  return (
    <ul>
      {followers.map(({ address, since }) => (
        <li key={`${address} ${since}`} className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-mono text-sm">{address}</span>
          <Elapsed from={since} className="text-ink-3 text-sm" />
        </li>
      ))}
    </ul>
  );
}
