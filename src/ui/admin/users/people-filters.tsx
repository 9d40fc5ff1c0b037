'use client';
/** Search and filters of the list of people; all of them live in the address. On a phone the filters are folded away. */
import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import type { MessageKey } from '../../messages/translate.ts';
import { Button } from '../../primitives/button.tsx';
import { Chip } from '../../primitives/chip.tsx';
import { cx } from '../../primitives/class-names.ts';
import { SearchInput } from '../../primitives/search-input.tsx';
import { useUrlState } from '../../url-state.ts';
import { FILTER_NAMES, FILTERS, readFilter } from './people.ts';

type FilterName = (typeof FILTER_NAMES)[number];
type FilterValue = (typeof FILTERS)[FilterName][number];

const WORDS = {
  user: 'settings.role.user',
  researcher: 'settings.role.researcher',
  admin: 'settings.role.admin',
  free: 'settings.tier.free',
  basic: 'settings.tier.basic',
  premium: 'settings.tier.premium',
  enterprise: 'settings.tier.enterprise',
  active: 'adminUsers.state.active',
  deactivated: 'adminUsers.state.deactivated',
  awaiting: 'adminUsers.state.awaiting',
} as const satisfies Record<FilterValue, MessageKey>;

export function PeopleFilters({ search, onSearch }: { search: string; onSearch: (text: string) => void }) {
  const t = useT();
  const { get } = useUrlState();
  const count = FILTER_NAMES.filter((name) => readFilter(name, get(name)) !== null).length;
  const [open, setOpen] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="flex w-full gap-2 sm:w-64">
        <SearchInput label={t('adminUsers.search')} value={search} onChange={onSearch} className="min-w-0 flex-1" />
        <Button
          aria-expanded={open}
          icon={<ListFilter className="icon" aria-hidden />}
          className="sm:hidden"
          onClick={() => setOpen(!open)}
        >
          {count > 0 ? t('adminUsers.filters', { count }) : t('adminUsers.filters.none')}
        </Button>
      </div>
      {FILTER_NAMES.map((name) => (
        <FilterChips key={name} name={name} className={open ? 'flex' : 'hidden sm:flex'} />
      ))}
    </div>
  );
}

/** One of a kind at a time: pressing the one that is on takes it away. */
function FilterChips({ name, className }: { name: FilterName; className: string }) {
  const t = useT();
  const { get, set } = useUrlState();
  const on = readFilter(name, get(name));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and a legend
    <div role="group" aria-label={t(`adminUsers.filter.${name}`)} className={cx('flex-wrap gap-1.5', className)}>
      {FILTERS[name].map((value) => (
        <Chip key={value} selected={value === on} onToggle={() => set({ [name]: value === on ? null : value })}>
          {t(WORDS[value])}
        </Chip>
      ))}
    </div>
  );
}
