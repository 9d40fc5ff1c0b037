'use client';
/** Who did what to an environment, newest first, in words. */
import {
  CircleAlert,
  CircleCheck,
  CircleStop,
  Clock,
  ExternalLink,
  type LucideIcon,
  Pencil,
  Play,
  Rocket,
  RotateCw,
  Square,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import type { EnvironmentId } from '../../domain/ids.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { cx } from '../primitives/class-names.ts';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { Time } from '../primitives/time.tsx';
import { type Outputs, trpc } from '../trpc-client.tsx';

type Entry = Outputs['environments']['history']['entries'][number];

const ACTIONS = {
  launch: Rocket,
  start: Play,
  stop: Square,
  restart: RotateCw,
  rename: Pencil,
  delete: Trash2,
  open: ExternalLink,
  extend: Clock,
  ready: CircleCheck,
  stopped: CircleStop,
  failed: CircleAlert,
  deadline: Clock,
  resume: Play,
} as const satisfies Record<string, LucideIcon>;

type KnownAction = keyof typeof ACTIONS;

function known(action: string): KnownAction | null {
  const verb = action.replace(/^environment\./, '');
  return verb in ACTIONS ? (verb as KnownAction) : null;
}

export function EventsTab({ id }: { id: EnvironmentId }) {
  const t = useT();
  return (
    <section aria-label={t('environments.history.title')} className="rounded-lg border border-line bg-surface">
      <HistoryPage id={id} before={null} />
    </section>
  );
}

/** One page of entries; the next older one is drawn below it when asked for. */
function HistoryPage({ id, before }: { id: EnvironmentId; before: number | null }) {
  const t = useT();
  const [older, setOlder] = useState(false);
  const query = trpc.environments.history.useQuery({ id, before });
  if (query.isError && !query.data) {
    return (
      <div className="p-4">
        <FailedQuery
          error={query.error}
          what={t('environments.history.failedWhat')}
          onRetry={() => void query.refetch()}
        />
      </div>
    );
  }
  if (!query.data) return <Placeholder />;
  const { entries, next } = query.data;
  if (entries.length === 0) return <p className="p-4 text-ink-2">{t('environments.history.empty')}</p>;
  return (
    <>
      <ol>
        {entries.map((entry) => (
          <HistoryEntry key={entry.id} entry={entry} />
        ))}
      </ol>
      {next === null ? null : older ? (
        <HistoryPage id={id} before={next} />
      ) : (
        <div className="border-line border-t p-3">
          <Button onClick={() => setOlder(true)}>{t('environments.history.older')}</Button>
        </div>
      )}
    </>
  );
}

function HistoryEntry({ entry }: { entry: Entry }) {
  const t = useT();
  const { action, actorName: actor, result, details } = entry;
  const verb = known(action);
  const Icon = verb ? ACTIONS[verb] : Clock;
  const bad = verb === 'failed' || result !== 'done';
  const text = verb ? t(`environments.history.${verb}`, { actor }) : t('environments.history.other', { actor, action });
  const why = typeof details?.message === 'string' ? details.message : null;
  return (
    <li className="flex items-start gap-3 border-line border-b px-4 py-2.5 last:border-b-0">
      <Icon className={cx('icon mt-0.5', bad ? 'text-failed' : 'text-ink-3')} aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          {text}
          {result === 'done' || verb === 'failed' ? null : (
            <span className="text-failed">
              {' · '}
              {t(result === 'denied' ? 'environments.history.refused' : 'environments.history.notDone')}
            </span>
          )}
        </p>
        {why ? <p className="break-words text-ink-2 text-sm">{why}</p> : null}
      </div>
      <Time at={entry.at} className="shrink-0 text-ink-3 text-sm" />
    </li>
  );
}

function Placeholder() {
  return (
    <Loading>
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="flex h-10 items-center gap-3 border-line border-b px-4 last:border-b-0">
          <Skeleton className="size-4" />
          <Skeleton className="h-3.5 w-64" />
        </div>
      ))}
    </Loading>
  );
}
