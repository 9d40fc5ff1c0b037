'use client';
/** When the root layout itself failed: a document of its own, with nothing that could fail again. */
import { CrashPage } from '../ui/shell/crash-page.tsx';
import './globals.css';

export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <main>
          <CrashPage error={error} onRetry={() => window.location.reload()} />
        </main>
      </body>
    </html>
  );
}
