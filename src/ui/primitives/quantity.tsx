'use client';
/** Sizes and counts with their units. */
import { useFormat } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

/** `<Bytes value={1536} />` → “1.5 KiB”; the exact count on hover. */
export function Bytes({ value, className }: { value: number; className?: string }) {
  const format = useFormat();
  return (
    <span className={cx('nums whitespace-nowrap', className)} title={`${format.number(value)} B`}>
      {format.bytes(value)}
    </span>
  );
}

/** `<Cores millicores={500} />` → “0.5 cores” */
export function Cores({ millicores, className }: { millicores: number; className?: string }) {
  const format = useFormat();
  return <span className={cx('nums whitespace-nowrap', className)}>{format.cores(millicores)}</span>;
}

/** `<Memory mib={4096} />` → “4 GiB” */
export function Memory({ mib, className }: { mib: number; className?: string }) {
  const format = useFormat();
  return <span className={cx('nums whitespace-nowrap', className)}>{format.memory(mib)}</span>;
}
