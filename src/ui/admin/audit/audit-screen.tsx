'use client';
/** The audit trail for administrators: find an entry, read all of it, follow who and what it names. */
import dynamic from 'next/dynamic';
import { useMemo, useState } from 'react';
import { NoMatch, Older } from '../../activity/activity-screen.tsx';
import { ExportMenu } from '../../activity/export-menu.tsx';
import { useAudit } from '../../activity/use-trail.ts';
import { FailedQuery } from '../../failed-query.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Page } from '../../shell/page.tsx';
import { useUrlState, useUrlText } from '../../url-state.ts';
import { auditFilter, FILTER_NAMES } from './audit-filter.ts';
import { AuditFilters } from './audit-filters.tsx';
import { AuditTable } from './audit-table.tsx';

const EntryDrawer = dynamic(async () => (await import('./entry-drawer.tsx')).EntryDrawer, { ssr: false });

export function AuditScreen() {
  const t = useT();
  const { get, set } = useUrlState();
  const [now] = useState(() => Date.now());
  const [search, setSearch] = useUrlText('q');
  const filter = auditFilter(get, now);
  const trail = useAudit(filter);
  const { entries } = trail;
  const nameOf = useMemo(() => {
    const names = new Map<string, string>();
    for (const { actor, target } of entries) {
      if (target.id && target.name) names.set(target.id, target.name);
      if (actor.id) names.set(actor.id, actor.name);
    }
    return (id: string) => names.get(id) ?? id;
  }, [entries]);
  const opened = entries.find(({ id }) => String(id) === get('entry'));
  const clear = () => {
    setSearch('');
    set(Object.fromEntries([...FILTER_NAMES, 'q'].map((name) => [name, null])));
  };
  return (
    <Page
      wide
      title={t('activity.audit.title')}
      description={t('activity.audit.description')}
      actions={<ExportMenu path="/api/audit/export" filter={filter} />}
    >
      <div className="flex flex-col gap-4">
        <AuditFilters search={search} onSearch={setSearch} nameOf={nameOf} />
        {trail.error ? (
          <FailedQuery error={trail.error} what={t('activity.audit.failedWhat')} onRetry={trail.again} size="page" />
        ) : !trail.pending && entries.length === 0 && !trail.more ? (
          <NoMatch onClear={clear} />
        ) : (
          <>
            <AuditTable
              entries={entries}
              loadingRows={trail.pending ? 12 : trail.reading ? 3 : 0}
              onOpen={({ id }) => set({ entry: String(id) }, 'push')}
              onEndReached={trail.readMore}
            />
            {trail.pending ? null : <Older trail={trail} />}
          </>
        )}
        {opened ? <EntryDrawer entry={opened} onClose={() => set({ entry: null })} /> : null}
      </div>
    </Page>
  );
}
