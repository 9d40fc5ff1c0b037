'use client';
/** How a deed ended. What went well is quiet. */
import type { AuditResult } from '../../domain/audit.ts';
import { useT } from '../messages/messages-provider.tsx';
import { StatusBadge } from '../primitives/status-badge.tsx';

export function ResultWord({ result }: { result: AuditResult }) {
  const t = useT();
  const word = t(`activity.result.${result}`);
  if (result === 'done') return <span className="text-ink-3 text-sm">{word}</span>;
  return (
    <StatusBadge tone={result === 'denied' ? 'warning' : 'failed'} look="plain">
      {word}
    </StatusBadge>
  );
}
