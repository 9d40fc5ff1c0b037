'use client';
/** All that is known of one entry, and the ways to what belongs to it. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ResultWord } from '../../activity/result-word.tsx';
import { Sentence } from '../../activity/sentence.tsx';
import type { Entry } from '../../activity/trail.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { Copyable } from '../../primitives/copyable.tsx';
import { Drawer } from '../../primitives/drawer.tsx';
import { Time } from '../../primitives/time.tsx';
import { EntryChanges } from './entry-changes.tsx';

export function EntryDrawer({ entry, onClose }: { entry: Entry | undefined; onClose: () => void }) {
  const t = useT();
  return (
    <Drawer
      open={entry !== undefined}
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={entry ? t('activity.audit.entry', { id: String(entry.id) }) : ''}
      size="lg"
      details
    >
      {entry ? <EntryFacts entry={entry} /> : null}
    </Drawer>
  );
}

function EntryFacts({ entry }: { entry: Entry }) {
  const t = useT();
  const { action, actor, address, agent, at, correlationId, ownerId, result, target } = entry;
  return (
    <div className="flex flex-col gap-5">
      <p className="break-words text-lg">
        <Sentence entry={entry} viewer={undefined} />
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-2">
        <Fact name={t('activity.audit.time')}>
          <Time at={at} as="exact" />
        </Fact>
        <Fact name={t('activity.audit.action')}>
          <span className="font-mono text-sm">{action}</span>
        </Fact>
        <Fact name={t('activity.audit.result')}>
          <ResultWord result={result} />
        </Fact>
        <Fact name={t('activity.audit.who')}>
          {actor.name} {actor.id ? <Copyable text={actor.id} /> : null}
        </Fact>
        {target.id || target.name ? (
          <Fact name={t('activity.audit.target')}>
            {target.name} {target.id ? <Copyable text={target.id} /> : null}
          </Fact>
        ) : null}
        {address ? <Fact name={t('activity.audit.address')}>{address}</Fact> : null}
        {agent ? <Fact name={t('activity.audit.agent')}>{agent}</Fact> : null}
        {ownerId ? (
          <Fact name={t('activity.audit.owner')}>
            <Copyable text={ownerId} />
          </Fact>
        ) : null}
        {correlationId ? (
          <Fact name={t('activity.audit.correlation')}>
            <Copyable text={correlationId} />
          </Fact>
        ) : null}
      </dl>
      <EntryChanges entry={entry} />
      <nav aria-label={t('activity.audit.links')} className="flex flex-col items-start gap-1">
        <Further href={`/admin/audit?actor=${actor.id ?? 'system'}`}>{t('activity.audit.byPerson')}</Further>
        {target.id ? <Further href={`/admin/audit?target=${target.id}`}>{t('activity.audit.onTarget')}</Further> : null}
        {ownerId ? <Further href={`/admin/audit?owner=${ownerId}`}>{t('activity.audit.ofOwner')}</Further> : null}
        {target.kind === 'user' ? (
          <Further href={`/admin/users?person=${target.id}`}>{t('activity.audit.openTarget')}</Further>
        ) : null}
      </nav>
      <details>
        <summary className="touch cursor-pointer text-ink-2 text-sm">{t('activity.audit.raw')}</summary>
        <div className="mt-2">
          <Copyable text={JSON.stringify(entry, null, 2)} block />
        </div>
      </details>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3 text-sm">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Further({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link
      href={href}
      className="touch inline-flex items-center rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
    >
      {children}
    </Link>
  );
}
