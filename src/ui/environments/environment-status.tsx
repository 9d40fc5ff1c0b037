'use client';
/** The status of an environment as a badge: icon, word and colour. */
import { useT } from '../messages/messages-provider.tsx';
import { StatusBadge } from '../primitives/status-badge.tsx';
import { type Moment, statusOf } from './environment-state.ts';

export function EnvironmentStatus({ environment, look }: { environment: Moment; look?: 'soft' | 'plain' }) {
  const t = useT();
  const { tone, word } = statusOf(environment);
  return (
    <StatusBadge tone={tone} look={look}>
      {t(word)}
    </StatusBadge>
  );
}
