'use client';
/** Small pieces of what is known about a storage, shared by its row and its card. */
import Link from 'next/link';
import { environmentHref } from '../environments/environment.ts';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { useNow } from '../primitives/clock.ts';
import { Bytes } from '../primitives/quantity.tsx';
import { StatusBadge } from '../primitives/status-badge.tsx';
import { STATUS_TONES, type Storage } from './storage.ts';
import { workDone } from './storage-work.ts';

interface StorageStatusProps {
  storage: Storage;
  look?: 'soft' | 'plain';
  /** With how far it is. */
  far?: boolean;
}

/** In one line: what it is, how far it is, and in its title why it waits or failed. */
export function StorageStatus({ storage, look, far = false }: StorageStatusProps) {
  const t = useT();
  const { status, drift, work, failure } = storage;
  const drifted = status === 'active' && drift.length > 0;
  const waiting = status !== 'failed' && work?.waiting;
  const tone = drifted || waiting ? 'warning' : STATUS_TONES[status];
  const word = drifted ? t('storages.row.drift') : waiting ? t('storages.row.waiting') : t(`storage.status.${status}`);
  return (
    <span className="whitespace-nowrap" title={(waiting || failure) ?? undefined}>
      <StatusBadge tone={tone} look={look}>
        {word}
      </StatusBadge>
      {far && !waiting ? <HowFar storage={storage} lead=" · " /> : null}
    </span>
  );
}

/** How far a storage is that is being made or removed; nothing where there is nothing to say. */
export function HowFar({ storage: { status, work }, lead = '' }: { storage: Storage; lead?: string }) {
  const t = useT();
  const format = useFormat();
  if (!work || status === 'failed') return null;
  const removed = work.removed ?? 0;
  const text =
    work.kind === 'create'
      ? t('storages.row.steps', workDone(work))
      : work.total
        ? format.percent(Math.min(1, removed / work.total))
        : removed > 0
          ? t('storages.work.removed', { count: removed })
          : null;
  return text === null ? null : <span className="nums text-ink-2 text-sm">{`${lead}${text}`}</span>;
}

/** A figure with the time of its measurement on hover; a dash before the first. */
export function Measured({ storage, what }: { storage: Storage; what: 'size' | 'objects' }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(60_000);
  const { sizeBytes, objects, measuredAt } = storage;
  const value = what === 'size' ? sizeBytes : objects;
  if (value === null || measuredAt === null) {
    return (
      <span className="text-ink-3" title={t('storage.notMeasured')}>
        <span aria-hidden>–</span>
        <span className="sr-only">{t('storage.notMeasured')}</span>
      </span>
    );
  }
  return (
    <span
      title={t('storage.measuredAt', { time: format.relative(measuredAt, Math.max(now, measuredAt)) })}
      className="nums"
      suppressHydrationWarning
    >
      {what === 'size' ? <Bytes value={value} /> : format.number(value)}
    </span>
  );
}

export function UsedBy({ storage }: { storage: Storage }) {
  const t = useT();
  const first = storage.usedBy[0];
  if (!first) return <span className="text-ink-3">{t('storage.usedByNobody')}</span>;
  const more = storage.usedBy.length - 1;
  const href = more > 0 ? `/environments?storage=${storage.id}` : environmentHref(first.id);
  return (
    <Link
      href={href}
      title={storage.usedBy.map(({ name }) => name).join(', ')}
      className="rounded-sm text-ink-2 underline decoration-line-strong underline-offset-2 hover:text-ink"
    >
      {more > 0 ? t('storage.usedByMore', { name: first.name, more }) : first.name}
    </Link>
  );
}
