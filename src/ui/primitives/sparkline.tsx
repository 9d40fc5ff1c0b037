/** A trend the size of a word. Gaps (null) are gaps, not zeros. The label says the current value and unit. */
import { cx } from './class-names.ts';
import { sparklinePath } from './sparkline-path.ts';

interface SparklineProps {
  /** Oldest first; null where nothing was measured. */
  values: readonly (number | null)[];
  /** Accessible name with the current value: “CPU 0.4 cores”. */
  label: string;
  /** Top of the scale, e.g. the limit. Default: the largest value. */
  max?: number;
  width?: number;
  height?: number;
  className?: string;
}

export function Sparkline({ values, label, max, width = 96, height = 24, className }: SparklineProps) {
  const { line, area } = sparklinePath(values, { width, height, max });
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      className={cx('text-accent', className)}
    >
      <path d={area} fill="currentColor" fillOpacity={0.12} />
      <path
        d={line}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinejoin="round"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
