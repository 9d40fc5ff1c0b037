'use client';
/** The limits of one tier: what is set here stands in the fields, what the configuration has stands grey in the empty ones. */
import { useState } from 'react';
import type { LimitName } from '../../../domain/quota.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { LimitFields } from '../limits/limit-fields.tsx';
import { draftOf, isSameLimits, readDraft } from '../limits/limits-draft.ts';
import { ChangeDialog } from './change-dialog.tsx';
import type { TierRow } from './tiers.ts';
import { useTierChange } from './use-tier-change.ts';

const NONE: readonly LimitName[] = [];

export function TierDialog({ tier: row, onClose }: { tier: TierRow; onClose: () => void }) {
  const t = useT();
  const { client } = trpc.useUtils();
  // What is edited does not change under the hands.
  const [{ tier, own, configured, people }] = useState(row);
  const [draft, setDraft] = useState(() => draftOf(own));
  const [faults, setFaults] = useState(NONE);
  const change = useTierChange();
  const name = t(`settings.tier.${tier}`);
  const read = readDraft(draft);
  const done = (text: string) => () => {
    toast.success(text);
    onClose();
  };
  function submit() {
    setFaults(read.faults);
    if (read.faults.length > 0) return;
    const { overrides: limits } = read;
    change.run(
      (reason) => client.admin.tiers.set.mutate({ tier, limits, reason }),
      done(t('adminSettings.edit.done', { tier: name })),
    );
  }
  const reset = () =>
    change.run(
      (reason) => client.admin.tiers.reset.mutate({ tier, reason }),
      done(t('adminSettings.edit.resetDone', { tier: name })),
    );
  return (
    <ChangeDialog
      title={t('adminSettings.edit.title', { tier: name })}
      description={t('adminSettings.edit.people', { count: people })}
      change={change}
      action={t('adminSettings.edit.action')}
      changed={read.faults.length > 0 || !isSameLimits(read.overrides, own)}
      reset={Object.keys(own).length > 0 ? { label: t('adminSettings.edit.reset'), run: reset } : null}
      onSubmit={submit}
      onClose={onClose}
    >
      <LimitFields
        words={{
          legend: t('adminSettings.edit.legend'),
          hint: t('adminSettings.edit.hint'),
          reset: (limit) => t('adminSettings.edit.resetOne', { limit }),
        }}
        draft={draft}
        below={configured}
        faults={faults}
        onChange={(next) => {
          setDraft(next);
          setFaults(NONE);
        }}
      />
    </ChangeDialog>
  );
}
