'use client';
/** Which role and which tier somebody gets who comes in. */
import { TIERS } from '../../../domain/quota.ts';
import { ROLES } from '../../../domain/user.ts';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Field } from '../../primitives/field.tsx';
import { Select } from '../../primitives/select.tsx';
import { trpc } from '../../trpc-client.tsx';
import type { PersonRow } from './people.ts';

export type RoleAndTier = Pick<PersonRow, 'role' | 'tier'>;

interface RoleTierFieldsProps {
  value: RoleAndTier;
  onChange: (value: RoleAndTier) => void;
}

export function RoleTierFields({ value, onChange }: RoleTierFieldsProps) {
  const t = useT();
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('adminUsers.column.role')}>
        <Select
          value={value.role}
          onChange={(next) => onChange({ ...value, role: ROLES.find((role) => role === next) ?? value.role })}
          options={ROLES.map((role) => ({
            value: role,
            label: t(`settings.role.${role}`),
            hint: t(`adminUsers.role.${role}Detail`),
          }))}
        />
      </Field>
      <Field label={t('adminUsers.column.tier')}>
        <TierSelect value={value.tier} onChange={(tier) => onChange({ ...value, tier })} />
      </Field>
    </div>
  );
}

/** Inside a Field. Each tier says what it allows. */
export function TierSelect({
  value,
  onChange,
}: {
  value: PersonRow['tier'];
  onChange: (tier: PersonRow['tier']) => void;
}) {
  const t = useT();
  const format = useFormat();
  const { data: tiers } = trpc.admin.users.tiers.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
  return (
    <Select
      value={value}
      onChange={(next) => onChange(TIERS.find((tier) => tier === next) ?? value)}
      options={TIERS.map((tier) => {
        const limits = tiers?.[tier];
        return {
          value: tier,
          label: t(`settings.tier.${tier}`),
          ...(limits ? { hint: `${format.cores(limits.cpuMillicores)} · ${format.memory(limits.memoryMiB)}` } : {}),
        };
      })}
    />
  );
}
