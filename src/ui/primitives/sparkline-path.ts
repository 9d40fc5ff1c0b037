/** SVG paths of a sparkline. Pure. */
interface Box {
  width: number;
  height: number;
  max?: number | undefined;
}

interface Paths {
  line: string;
  area: string;
}

/** Each unbroken run of values becomes one sub-path; a lone value becomes a dot (a zero-length line with round caps). */
export function sparklinePath(values: readonly (number | null)[], { width, height, max }: Box): Paths {
  const top = max ?? Math.max(0, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const y = (value: number) => height - 1 - (top > 0 ? Math.min(1, Math.max(0, value / top)) : 0) * (height - 2);
  let line = '';
  let area = '';
  let run: string[] = [];
  let first = 0;
  const close = (last: number) => {
    const [start] = run;
    if (start !== undefined) {
      line += `M${run.join('L')}${run.length === 1 ? `L${start}` : ''}`;
      area += `M${run.join('L')}L${round(1 + last * step)},${height}L${round(1 + first * step)},${height}Z`;
    }
    run = [];
  };
  values.forEach((value, index) => {
    if (value === null) {
      close(index - 1);
      return;
    }
    if (run.length === 0) first = index;
    run.push(`${round(1 + index * step)},${round(y(value))}`);
  });
  close(values.length - 1);
  return { line, area };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
