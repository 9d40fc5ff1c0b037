'use client';
/** A question or a form above the page. On phones it is a sheet from below. Focus returns to where it came from. */
import { lazy, Suspense, useState } from 'react';
import type { DialogProps } from './dialog-props.ts';

const DialogContent = lazy(async () => ({ default: (await import('./dialog-content.tsx')).DialogContent }));

export function Dialog(props: DialogProps) {
  const [used, setUsed] = useState(props.open);
  if (props.open && !used) setUsed(true);
  if (!used) return null;
  return (
    <Suspense fallback={null}>
      <DialogContent {...props} />
    </Suspense>
  );
}
