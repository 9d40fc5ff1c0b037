'use client';
/** The error page where not even the root layout stands: brings its language along. Loaded when it is needed. */
import { MessagesProvider } from '../messages/messages-provider.tsx';
import { DEFAULT_LOCALE, language } from '../messages/translate.ts';
import { CrashPage } from './crash-page.tsx';

const spoken = language(DEFAULT_LOCALE);

export function CrashDocument({ error }: { error: Error & { digest?: string } }) {
  return (
    <MessagesProvider spoken={spoken}>
      <CrashPage error={error} onRetry={() => window.location.reload()} />
    </MessagesProvider>
  );
}
