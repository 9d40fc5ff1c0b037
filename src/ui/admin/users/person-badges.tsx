'use client';
/** Role and status of a person in few words. */
import { ShieldCheck } from 'lucide-react';
import { useT } from '../../messages/messages-provider.tsx';
import { cx } from '../../primitives/class-names.ts';
import { StatusBadge, type Tone } from '../../primitives/status-badge.tsx';
import { type PersonRow, type PersonState, stateOf } from './people.ts';

const TONES: Readonly<Record<PersonState, Tone>> = { active: 'running', deactivated: 'paused', awaiting: 'warning' };

export function PersonStatus({
  person,
  look = 'plain',
}: {
  person: Pick<PersonRow, 'active' | 'awaitsApprovalSince'>;
  look?: 'soft' | 'plain';
}) {
  const t = useT();
  const state = stateOf(person);
  return (
    <StatusBadge tone={TONES[state]} look={look}>
      {t(`adminUsers.state.${state}`)}
    </StatusBadge>
  );
}

export function RoleName({ role }: { role: PersonRow['role'] }) {
  const t = useT();
  const admin = role === 'admin';
  return (
    <span className={cx('inline-flex items-center gap-1.5', admin ? 'font-medium text-ink' : 'text-ink-2')}>
      {t(`settings.role.${role}`)}
      {admin ? <ShieldCheck className="icon text-accent-ink" aria-hidden /> : null}
    </span>
  );
}
