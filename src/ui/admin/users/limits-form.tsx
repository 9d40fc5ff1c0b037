'use client';
/** Tier and own limits of somebody: the tier's values stand in the empty fields, own ones can be taken back one by one. */
import { useState } from 'react';
import type { LimitName } from '../../../domain/quota.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Field } from '../../primitives/field.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { LimitFields } from '../limits/limit-fields.tsx';
import { draftOf, isSameLimits, readDraft } from '../limits/limits-draft.ts';
import { isReason, ReasonField } from '../reason-field.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { TierSelect } from './role-tier-fields.tsx';
import { usePersonChange } from './use-person-change.ts';

const NONE: readonly LimitName[] = [];

export function LimitsForm({ person }: { person: PersonDetail }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id, name } = person;
  const { data: tiers } = trpc.admin.users.tiers.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
  const [tier, setTier] = useState(person.tier);
  const [draft, setDraft] = useState(() => draftOf(person.overrides));
  const [reason, setReason] = useState('');
  const [faults, setFaults] = useState<{ limits: readonly LimitName[]; reason: boolean }>({
    limits: NONE,
    reason: false,
  });
  const change = usePersonChange(person, () => toast.success(t('adminUsers.limits.done', { name })));
  const read = readDraft(draft);
  const changed = tier !== person.tier || read.faults.length > 0 || !isSameLimits(read.overrides, person.overrides);

  function submit() {
    setFaults({ limits: read.faults, reason: !isReason(reason) });
    if (read.faults.length > 0 || !isReason(reason) || change.busy) return;
    const { overrides } = read;
    change.run((confirmSelf) =>
      utils.client.admin.users.setLimits.mutate({ id, tier, overrides, reason, ...confirmSelf }),
    );
  }
  function discard() {
    setTier(person.tier);
    setDraft(draftOf(person.overrides));
    setFaults({ limits: NONE, reason: false });
  }

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field label={t('adminUsers.limits.tier')} className="sm:max-w-64">
        <TierSelect value={tier} onChange={setTier} />
      </Field>
      <LimitFields
        words={{
          legend: t('adminUsers.limits.own'),
          hint: t('adminUsers.limits.ownHint'),
          reset: (limit) => t('adminUsers.limits.reset', { limit }),
        }}
        draft={draft}
        below={tiers?.[tier] ?? person.tierLimits}
        faults={faults.limits}
        onChange={(next) => {
          setDraft(next);
          setFaults({ ...faults, limits: NONE });
          change.clearError();
        }}
      />
      <p className="text-ink-3 text-sm">{t('adminUsers.limits.effect')}</p>
      {changed ? (
        <>
          <ReasonField
            value={reason}
            fault={faults.reason}
            onChange={(next) => {
              setReason(next);
              setFaults({ ...faults, reason: false });
            }}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" look="primary" busy={change.busy}>
              {t('adminUsers.limits.action')}
            </Button>
            <Button look="quiet" disabled={change.busy} onClick={discard}>
              {t('adminUsers.limits.discard')}
            </Button>
          </div>
        </>
      ) : null}
      <div aria-live="polite" className="empty:hidden">
        {change.error ? <p className="text-failed text-sm">{change.error}</p> : null}
      </div>
      <OwnQuestion change={change} text={t('adminUsers.self.limits')} />
    </form>
  );
}
