'use client';
/** Filters that the activity page and the audit trail share; all of them live in the address. */
import { useT } from '../messages/messages-provider.tsx';
import { Select } from '../primitives/select.tsx';
import { useUrlState } from '../url-state.ts';
import { ACTION_GROUPS, type ActionGroup, RANGES, type Range, readAction, readRange, readResult } from './trail.ts';

const ALL = 'all';
/** What happens to people's own things, in the order they ask for it. */
const OWN_GROUPS: readonly ActionGroup[] = ['environment.', 'storage.', 'object.', 'session.', 'identity.', 'user.'];

interface FilterProps {
  name: string;
  label: string;
  value: string | undefined;
  all: string;
  options: readonly { value: string; label: string }[];
}

/** One of some, or all of them. */
export function FilterSelect({ name, label, value, all, options }: FilterProps) {
  const { set } = useUrlState();
  return (
    <Select
      label={label}
      className="w-full sm:w-44"
      value={value ?? ALL}
      onChange={(chosen) => set({ [name]: chosen === ALL ? null : chosen })}
      options={[{ value: ALL, label: all }, ...options]}
    />
  );
}

export function KindFilter() {
  const t = useT();
  const { get } = useUrlState();
  const value = readAction(get);
  const known = ACTION_GROUPS.find((group) => group === value);
  const groups = known && !OWN_GROUPS.includes(known) ? [...OWN_GROUPS, known] : OWN_GROUPS;
  return (
    <FilterSelect
      name="action"
      label={t('activity.kind')}
      value={known}
      all={t('activity.kind.all')}
      options={groups.map((group) => ({ value: group, label: t(`activity.kind.${group}`) }))}
    />
  );
}

export function ResultFilter() {
  const t = useT();
  const { get } = useUrlState();
  return (
    <FilterSelect
      name="result"
      label={t('activity.result')}
      value={readResult(get)}
      all={t('activity.result.all')}
      options={(['done', 'denied', 'failed'] as const).map((value) => ({
        value,
        label: t(`activity.result.${value}`),
      }))}
    />
  );
}

export function RangeFilter() {
  const t = useT();
  const { get } = useUrlState();
  return (
    <FilterSelect
      name="range"
      label={t('activity.range')}
      value={readRange(get)}
      all={t('activity.range.all')}
      options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(`activity.range.${value}`) }))}
    />
  );
}
