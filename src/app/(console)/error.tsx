'use client';
import { lazy, Suspense } from 'react';

/** Loaded when it is needed: an error page should not weigh on every page that works. */
const CrashPage = lazy(async () => ({ default: (await import('../../ui/shell/crash-page.tsx')).CrashPage }));

export default function ErrorBoundary({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Suspense fallback={null}>
      <CrashPage error={error} onRetry={reset} />
    </Suspense>
  );
}
