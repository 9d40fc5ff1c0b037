'use client';
import { CrashPage } from '../ui/shell/crash-page.tsx';

export default function ErrorBoundary({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <CrashPage error={error} onRetry={reset} />;
}
