'use client';
/** The trend of a storage, one point a day. The same numbers stand in a table below; a finger or pointer reads single days. */
import { type PointerEvent, useState } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { dayBefore, nearestPoint, type Trend, type TrendPoint, trendWord } from './usage-trend.ts';

const WIDE = 1000;
const HIGH = 200;

interface UsageChartProps {
  trend: Trend;
  today: string;
  days: number;
  /** A value with its unit. */
  say: (value: number) => string;
}

export function UsageChart({ trend, today, days, say }: UsageChartProps) {
  const t = useT();
  const format = useFormat();
  const [read, setRead] = useState<TrendPoint | null>(null);
  const sentence = useSentence(trend.points, say);
  const { points, top } = trend;
  const onMove = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setRead(nearestPoint(points, (event.clientX - box.left) / box.width));
  };
  return (
    <figure>
      <figcaption className="min-h-5 text-ink-2">
        {read ? t('storages.usage.point', { day: format.day(read.day), value: say(read.value) }) : sentence}
      </figcaption>
      <div className="mt-4 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3">
        <div aria-hidden className="nums flex h-48 flex-col justify-between text-right text-ink-3 text-xs">
          <span className="-translate-y-2">{say(top)}</span>
          <span>{say(top / 2)}</span>
          <span className="translate-y-2">{say(0)}</span>
        </div>
        <div
          className="relative h-48 touch-pan-y"
          onPointerMove={onMove}
          onPointerDown={onMove}
          onPointerLeave={() => setRead(null)}
        >
          <Drawing trend={trend} label={sentence} />
          {read ? <Reader point={read} /> : null}
        </div>
        <div />
        <div aria-hidden className="nums mt-2 flex justify-between text-ink-3 text-xs">
          {[days - 1, Math.round((days - 1) / 2), 0].map((back) => (
            <span key={back}>{format.day(dayBefore(today, back))}</span>
          ))}
        </div>
      </div>
    </figure>
  );
}

function useSentence(points: readonly TrendPoint[], say: (value: number) => string): string {
  const t = useT();
  const format = useFormat();
  const [first] = points;
  const last = points.at(-1);
  const word = trendWord(points);
  if (!first || !last || word === 'none') return t('storages.usage.trendNone');
  const to = say(last.value);
  if (word === 'one') return t('storages.usage.one', { to });
  const day = format.day(first.day);
  return word === 'same'
    ? t('storages.usage.same', { day, to })
    : t(`storages.usage.${word}`, { from: say(first.value), day, to });
}

const at = ({ x, y }: TrendPoint) => `${x * WIDE},${(1 - y) * HIGH}`;

function Drawing({ trend, label }: { trend: Trend; label: string }) {
  const { points, runs, gaps } = trend;
  const [first] = points;
  const last = points.at(-1);
  const line = runs.filter(({ length }) => length > 1).map((run) => `M${run.map(at).join('L')}`);
  const single = runs.filter(({ length }) => length === 1).flatMap((run) => run.map((one) => `M${at(one)}L${at(one)}`));
  const bridges = gaps.map(([from, to]) => `M${at(from)}L${at(to)}`);
  const stroke = { fill: 'none', stroke: 'currentColor', vectorEffect: 'non-scaling-stroke' } as const;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDE} ${HIGH}`}
      preserveAspectRatio="none"
      className="absolute inset-0 size-full overflow-visible text-accent"
    >
      {[0, HIGH / 2, HIGH].map((y) => (
        <path key={y} d={`M0,${y}H${WIDE}`} {...stroke} className="text-line" />
      ))}
      {first && last ? (
        <path
          d={`M${points.map(at).join('L')}L${last.x * WIDE},${HIGH}L${first.x * WIDE},${HIGH}Z`}
          fill="currentColor"
          fillOpacity={0.1}
        />
      ) : null}
      <path d={bridges.join('')} {...stroke} strokeWidth={1.5} strokeDasharray="3 4" strokeOpacity={0.7} />
      <path d={line.join('')} {...stroke} strokeWidth={1.75} strokeLinejoin="round" strokeLinecap="round" />
      <path d={single.join('')} {...stroke} strokeWidth={6} strokeLinecap="round" />
    </svg>
  );
}

function Reader({ point }: { point: TrendPoint }) {
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute inset-y-0 w-px bg-line-strong"
      style={{ left: `${point.x * 100}%` }}
    >
      <span
        className="absolute -left-[3px] size-[7px] rounded-full border-2 border-surface bg-accent ring-1 ring-accent"
        style={{ top: `calc(${(1 - point.y) * 100}% - 3.5px)` }}
      />
    </div>
  );
}
