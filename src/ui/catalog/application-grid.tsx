'use client';
/** How application cards stand beside one another, and their place while they load. */
import { Loading, Skeleton } from '../primitives/skeleton.tsx';

export const GRID = 'grid gap-4 sm:grid-cols-2 xl:grid-cols-3';

export function ApplicationGridSkeleton({ count = 5 }: { count?: number }) {
  return (
    <Loading className={GRID}>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: skeletons have no identity
        <Skeleton key={index} className="h-[174px] rounded-lg" />
      ))}
    </Loading>
  );
}
