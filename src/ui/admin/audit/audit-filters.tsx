'use client';
/** Search and facets of the audit trail. On a phone the facets are folded away. */
import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import { AUDIT_ACTIONS, TARGET_KINDS } from '../../../domain/audit.ts';
import { ACTION_GROUPS, groupOf, readAction } from '../../activity/trail.ts';
import { FilterSelect, RangeFilter, ResultFilter } from '../../activity/trail-filters.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Chip } from '../../primitives/chip.tsx';
import { cx } from '../../primitives/class-names.ts';
import { Combobox } from '../../primitives/combobox.tsx';
import { SearchInput } from '../../primitives/search-input.tsx';
import { useUrlState } from '../../url-state.ts';
import { FILTER_NAMES } from './audit-filter.ts';

const ALL = 'all';

interface AuditFiltersProps {
  search: string;
  onSearch: (text: string) => void;
  /** What ids are called, as far as the entries that are shown know. */
  nameOf: (id: string) => string;
}

export function AuditFilters({ search, onSearch, nameOf }: AuditFiltersProps) {
  const t = useT();
  const { get } = useUrlState();
  const [open, setOpen] = useState(false);
  const count = FILTER_NAMES.filter((name) => get(name)).length;
  const kind = TARGET_KINDS.find((one) => one === get('kind'));
  const actor = get('actor');
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="flex w-full gap-2 sm:w-72">
        <SearchInput label={t('activity.audit.search')} value={search} onChange={onSearch} className="min-w-0 flex-1" />
        <Button
          aria-expanded={open}
          icon={<ListFilter className="icon" aria-hidden />}
          className="sm:hidden"
          onClick={() => setOpen(!open)}
        >
          {count > 0 ? t('activity.audit.filters', { count }) : t('activity.audit.filters.none')}
        </Button>
      </div>
      <div className={cx('w-full flex-col gap-2 sm:flex sm:w-auto sm:flex-row sm:flex-wrap', open ? 'flex' : 'hidden')}>
        <ActionFilter />
        <FilterSelect
          name="actor"
          label={t('activity.audit.who')}
          value={actor ?? undefined}
          all={t('activity.audit.everybody')}
          options={[
            { value: 'system', label: t('activity.audit.system') },
            ...(actor && actor !== 'system' ? [{ value: actor, label: nameOf(actor) }] : []),
          ]}
        />
        <FilterSelect
          name="kind"
          label={t('activity.audit.targetKind')}
          value={kind}
          all={t('activity.audit.target.all')}
          options={TARGET_KINDS.map((value) => ({ value, label: t(`activity.audit.target.${value}`) }))}
        />
        <ResultFilter />
        <RangeFilter />
      </div>
      <Narrowed name="owner" word="activity.audit.of" nameOf={nameOf} />
      <Narrowed name="target" word="activity.audit.on" nameOf={nameOf} />
    </div>
  );
}

/** Groups first in their order, the single actions after each. */
function ActionFilter() {
  const t = useT();
  const { get, set } = useUrlState();
  const options = ACTION_GROUPS.flatMap((group) => [
    { value: group as string, label: t(`activity.kind.${group}`), hint: group },
    ...AUDIT_ACTIONS.filter((action) => groupOf(action) === group).map((action) => ({
      value: action as string,
      label: t(`activity.deed.${action}`),
      hint: action,
      keywords: [action],
    })),
  ]);
  return (
    <Combobox
      label={t('activity.audit.action')}
      className="w-full sm:w-52"
      value={readAction(get) ?? ALL}
      onChange={(value) => set({ action: value === ALL ? null : value })}
      options={[{ value: ALL, label: t('activity.audit.action.all') }, ...options]}
    />
  );
}

interface NarrowedProps {
  name: 'owner' | 'target';
  word: 'activity.audit.of' | 'activity.audit.on';
  nameOf: (id: string) => string;
}

/** A filter that only links set. */
function Narrowed({ name, word, nameOf }: NarrowedProps) {
  const t = useT();
  const { get, set } = useUrlState();
  const id = get(name);
  if (!id) return null;
  const text = t(word, { name: nameOf(id) });
  return (
    <Chip selected name={text} onRemove={() => set({ [name]: null })}>
      {text}
    </Chip>
  );
}
