'use client';
/** Mounts the region of toasts with the first of them. */
import { lazy, Suspense, useSyncExternalStore } from 'react';
import { anyToast, subscribeToFirstToast } from './toast.ts';

const Toaster = lazy(async () => ({ default: (await import('./toaster.tsx')).Toaster }));

export function ToastHost() {
  const used = useSyncExternalStore(subscribeToFirstToast, anyToast, () => false);
  if (!used) return null;
  return (
    <Suspense fallback={null}>
      <Toaster />
    </Suspense>
  );
}
