'use client';
/** Search and filters of the list of environments; all of them live in the address. */
import { useT } from '../messages/messages-provider.tsx';
import { Chip } from '../primitives/chip.tsx';
import { SearchInput } from '../primitives/search-input.tsx';
import { Select } from '../primitives/select.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';
import { readStatusFilters, STATUS_FILTERS, type StatusFilter } from './environment-state.ts';

export const FILTER_PARAMS = ['q', 'status', 'application', 'storage'] as const;
const ALL = 'all';

export function EnvironmentFilters({ search, onSearch }: { search: string; onSearch: (text: string) => void }) {
  const t = useT();
  const { get, set } = useUrlState();
  const on = readStatusFilters(get('status'));
  const toggle = (filter: StatusFilter) => {
    const next = on.includes(filter) ? on.filter((one) => one !== filter) : [...on, filter];
    set({ status: next.join(','), after: null });
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchInput label={t('environments.search')} value={search} onChange={onSearch} className="w-full sm:w-64" />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame and a legend */}
      <div role="group" aria-label={t('environments.filter.status')} className="flex flex-wrap gap-2">
        {(Object.keys(STATUS_FILTERS) as StatusFilter[]).map((filter) => (
          <Chip key={filter} selected={on.includes(filter)} onToggle={() => toggle(filter)}>
            {t(`environments.filter.${filter}`)}
          </Chip>
        ))}
      </div>
      <ApplicationFilter />
      <StorageFilter />
    </div>
  );
}

function ApplicationFilter() {
  const t = useT();
  const { get, set } = useUrlState();
  const { data = [] } = trpc.applications.list.useQuery();
  return (
    <div className="w-full sm:w-48">
      <Select
        label={t('environments.filter.application')}
        value={get('application') ?? ALL}
        onChange={(value) => set({ application: value === ALL ? null : value, after: null })}
        options={[
          { value: ALL, label: t('environments.filter.allApplications') },
          ...data.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
    </div>
  );
}

function StorageFilter() {
  const t = useT();
  const { get, set } = useUrlState();
  const id = get('storage');
  const { data } = trpc.storages.list.useQuery(undefined, { enabled: id !== null });
  if (!id) return null;
  const name = data?.find((storage) => storage.id === id)?.displayName ?? id;
  return (
    <Chip selected name={t('environments.filter.storageName')} onRemove={() => set({ storage: null, after: null })}>
      {t('environments.filter.storage', { name })}
    </Chip>
  );
}
