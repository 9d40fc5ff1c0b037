'use client';
/** Which tier people get who sign in for the first time. */
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Field } from '../../primitives/field.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { TierSelect } from '../users/role-tier-fields.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import type { Newcomers } from './tiers.ts';
import { useTierChange } from './use-tier-change.ts';

export function NewcomersDialog({ newcomers, onClose }: { newcomers: Newcomers; onClose: () => void }) {
  const t = useT();
  const { client } = trpc.useUtils();
  const [before] = useState(newcomers);
  const [tier, setTier] = useState(before.tier);
  const change = useTierChange();
  const name = (one: typeof tier) => t(`settings.tier.${one}`);
  const save = (next: typeof tier | null) =>
    change.run(
      (reason) => client.admin.tiers.setNewcomers.mutate({ tier: next, reason }),
      () => {
        toast.success(t('adminSettings.newcomers.done', { tier: name(next ?? before.configured) }));
        onClose();
      },
    );
  return (
    <ChangeDialog
      title={t('adminSettings.newcomers.title')}
      description={t('adminSettings.newcomers.text')}
      change={change}
      action={t('adminSettings.newcomers.action')}
      changed={tier !== before.tier}
      reset={
        before.source.kind === 'administrator'
          ? { label: t('adminSettings.newcomers.reset', { tier: name(before.configured) }), run: () => save(null) }
          : null
      }
      onSubmit={() => save(tier)}
      onClose={onClose}
    >
      <Field label={t('adminSettings.tiers.tier')}>
        <TierSelect value={tier} onChange={setTier} />
      </Field>
    </ChangeDialog>
  );
}
