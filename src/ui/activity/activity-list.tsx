'use client';
/** Entries of one's own, by day, newest first. */
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { useNow } from '../primitives/clock.ts';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { Time } from '../primitives/time.tsx';
import { ActivityIcon } from './activity-icon.tsx';
import { ResultWord } from './result-word.tsx';
import { Sentence } from './sentence.tsx';
import { byDay, type Entry } from './trail.ts';

const DAY_MS = 86_400_000;

/** `2026-11-24`, as the browser's calendar has it. */
function localDay(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

export function ActivityList({ entries, viewer }: { entries: readonly Entry[]; viewer: string | undefined }) {
  return byDay(entries, localDay).map(({ day, entries: those }) => (
    <section key={day} aria-label={day} className="rounded-lg border border-line bg-surface">
      <DayTitle day={day} />
      <ol>
        {those.map((entry) => (
          <ActivityItem key={entry.id} entry={entry} viewer={viewer} />
        ))}
      </ol>
    </section>
  ));
}

function DayTitle({ day }: { day: string }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(60_000);
  const word =
    day === localDay(now) ? t('activity.today') : day === localDay(now - DAY_MS) ? t('activity.yesterday') : null;
  return (
    <h2 className="flex items-baseline gap-2 border-line border-b px-4 py-2 font-semibold text-sm">
      {word ?? format.day(day)}
      {word ? <span className="font-normal text-ink-3">{format.day(day)}</span> : null}
    </h2>
  );
}

function ActivityItem({ entry, viewer }: { entry: Entry; viewer: string | undefined }) {
  const { result, details } = entry;
  const why = details?.message ?? details?.why ?? details?.reason;
  return (
    <li className="flex items-start gap-3 border-line border-b px-4 py-2.5 last:border-b-0">
      <ActivityIcon action={entry.action} result={result} />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          <Sentence entry={entry} viewer={viewer} />
        </p>
        {result === 'done' ? null : (
          <p className="sm:hidden">
            <ResultWord result={result} />
          </p>
        )}
        {typeof why === 'string' && why !== '' ? <p className="break-words text-ink-2 text-sm">{why}</p> : null}
      </div>
      {result === 'done' ? null : (
        <span className="max-sm:hidden">
          <ResultWord result={result} />
        </span>
      )}
      <Time at={entry.at} as="clock" className="shrink-0 text-ink-3 text-sm" />
    </li>
  );
}

export function ActivityPlaceholder() {
  return (
    <Loading>
      <div className="rounded-lg border border-line bg-surface">
        {[0, 1, 2, 3, 4, 5].map((row) => (
          <div key={row} className="flex h-10 items-center gap-3 border-line border-b px-4 last:border-b-0">
            <Skeleton className="size-4" />
            <Skeleton className="h-3.5 w-64" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
