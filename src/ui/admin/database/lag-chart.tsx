'use client';
/** The age of the oldest change that was not stored yet, over the minutes that somebody watches; above the line it is late. */
import { LATE_MS } from '../../../domain/database-log.ts';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { useNow } from '../../primitives/clock.ts';
import { Sparkline } from '../../primitives/sparkline.tsx';
import { BIN_MS, type LagSample, SPAN_MS, worstOf } from './lag-history.ts';

const WIDTH = 420;
const HEIGHT = 72;
/** The line of lateness stays in sight, with some room above it. */
const LEAST_SCALE_MS = 1.25 * LATE_MS;

export function LagChart({ samples, ageMs }: { samples: readonly LagSample[]; ageMs: number }) {
  const t = useT();
  const format = useFormat();
  // The end of the current bin, so that a sample of this very moment is in it.
  const values = worstOf(samples, Math.max(useNow(BIN_MS), samples.at(-1)?.at ?? 0));
  const top = Math.max(LEAST_SCALE_MS, ...values.map((value) => 1.1 * (value ?? 0)));
  const span = format.duration(SPAN_MS);
  const age = format.duration(ageMs);
  return (
    <figure className="flex min-w-0 flex-1 flex-col">
      <figcaption className="flex items-baseline justify-between gap-3">
        <span className="text-ink-2">{t('adminDatabase.lag')}</span>
        <span className="nums font-semibold text-lg">{age}</span>
      </figcaption>
      <div className="relative mt-2 flex-1 border-line border-b" style={{ minHeight: HEIGHT }}>
        <div
          className="absolute inset-x-0 border-line-strong border-t border-dashed"
          style={{ bottom: `${(100 * LATE_MS) / top}%` }}
        >
          <span className="absolute top-0.5 left-0 text-ink-3 text-xs">
            {t('adminDatabase.lag.late', { age: format.duration(LATE_MS) })}
          </span>
        </div>
        <Sparkline
          values={values}
          max={top}
          width={WIDTH}
          height={HEIGHT}
          label={t('adminDatabase.lag.label', { span, age })}
          className="absolute inset-0 size-full"
        />
      </div>
      <div className="mt-1 flex justify-between text-ink-3 text-xs">
        <span>{t('adminDatabase.lag.since', { span })}</span>
        <span>{t('adminDatabase.lag.now')}</span>
      </div>
    </figure>
  );
}
