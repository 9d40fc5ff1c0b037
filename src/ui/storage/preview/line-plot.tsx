'use client';
/** A line through all values, thinned out to what the eye can tell apart: the least and the greatest of each stretch. */
import { useMemo } from 'react';
import { useT } from '../../messages/messages-provider.tsx';

const WIDTH = 640;
const HEIGHT = 240;

/** Four digits that matter. */
export function shortNumber(value: number): string {
  return value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)
    ? value.toExponential(3)
    : String(Number(value.toPrecision(4)));
}

interface LinePlotProps {
  values: Float64Array;
  unit: string;
  label: string;
}

export function LinePlot({ values, unit, label }: LinePlotProps) {
  const t = useT();
  const plot = useMemo(() => pathOf(values), [values]);
  if (!plot) return <p className="text-ink-2">{t('storage.preview.noValues')}</p>;
  return (
    <figure className="flex flex-col gap-1 text-ink-2 text-sm tabular-nums">
      <div className="flex justify-between">
        <span>{shortNumber(plot.high)}</span>
        <span className="text-ink-3">{unit}</span>
      </div>
      <svg
        role="img"
        aria-label={t('storage.preview.line', { name: label })}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="w-full overflow-visible border-line border-b border-l text-accent"
      >
        <path d={plot.path} fill="none" stroke="currentColor" strokeWidth="1.25" vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="flex justify-between">
        <span>{shortNumber(plot.low)}</span>
        <span className="text-ink-3">{t('storage.preview.values', { count: values.length })}</span>
      </figcaption>
    </figure>
  );
}

function pathOf(values: Float64Array): { path: string; low: number; high: number } | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return null;
  const y = (value: number) => (HEIGHT * (1 - (value - low) / (high - low || 1))).toFixed(1);
  const stretch = Math.max(1, values.length / WIDTH);
  let path = '';
  let pen = 'M';
  for (let from = 0; from < values.length; from += stretch) {
    const part = values.subarray(Math.floor(from), Math.max(Math.floor(from) + 1, Math.floor(from + stretch)));
    const finite = part.filter(Number.isFinite);
    if (finite.length === 0) {
      pen = 'M';
      continue;
    }
    const x = ((WIDTH * from) / Math.max(1, values.length - 1)).toFixed(1);
    path += `${pen}${x} ${y(Math.min(...finite))}`;
    if (finite.length > 1) path += `L${x} ${y(Math.max(...finite))}`;
    pen = 'L';
  }
  return { path, low, high };
}
