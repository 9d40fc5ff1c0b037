'use client';
/** A call that failed, where its result would have stood: what, why, what to do now, and the facts for a maintainer. */
import type { ReactNode } from 'react';
import { useT } from './messages/messages-provider.tsx';
import { Button } from './primitives/button.tsx';
import { ErrorState } from './primitives/error-state.tsx';
import { shownError } from './trpc-client.tsx';

interface FailedQueryProps {
  error: unknown;
  /** What could not be done: “Your environments could not be read”. */
  what: string;
  /** Instead of `what` when the thing does not exist or is someone else's. */
  gone?: string;
  onRetry?: () => void;
  /** Further ways on, e.g. a link back to the list. */
  actions?: ReactNode;
  size?: 'page' | 'inline';
}

export function FailedQuery({ error, what, gone, onRetry, actions, size = 'inline' }: FailedQueryProps) {
  const t = useT();
  const { code, message, retryable, at, correlationId } = shownError(error);
  const missing = code === 'not_found' || code === 'invalid_argument';
  const refused = code === 'permission_denied';
  const now =
    code === 'offline'
      ? t('problems.now.offline')
      : code === 'internal'
        ? t('problems.now.internal')
        : retryable
          ? t('problems.now.retryable')
          : undefined;
  return (
    <ErrorState
      size={size}
      heading={size === 'page' ? 'h1' : 'h2'}
      what={refused ? t('problems.forbidden') : missing && gone ? gone : what}
      why={message}
      now={now}
      actions={
        <>
          {onRetry && !missing && !refused ? (
            <Button look={size === 'page' ? 'primary' : 'secondary'} onClick={onRetry}>
              {t('action.retry')}
            </Button>
          ) : null}
          {actions}
        </>
      }
      details={{ code, at, correlationId: correlationId ?? undefined }}
    />
  );
}
