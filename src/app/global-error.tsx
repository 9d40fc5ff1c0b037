'use client';
import { lazy, Suspense } from 'react';
import './globals.css';

const CrashDocument = lazy(async () => ({ default: (await import('../ui/shell/crash-document.tsx')).CrashDocument }));

/** When the root layout itself failed: a document of its own. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <main>
          <Suspense fallback={null}>
            <CrashDocument error={error} />
          </Suspense>
        </main>
      </body>
    </html>
  );
}
