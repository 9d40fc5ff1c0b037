'use client';
/** The place of the table of environments while its code and its rows are read. */
import { Loading, Skeleton } from '../primitives/skeleton.tsx';

const ROWS = 6;

export function EnvironmentsPlaceholder() {
  return (
    <Loading className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="h-9 border-line border-b" />
      {Array.from({ length: ROWS }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: skeletons have no identity
        <div key={row} className="flex h-row items-center gap-6 border-line border-b px-4 last:border-b-0">
          <Skeleton className="size-4" />
          <Skeleton className="h-3.5 w-1/3" />
          <Skeleton className="h-3.5 w-1/6" />
        </div>
      ))}
    </Loading>
  );
}
