'use client';
/** Before beside after, only what differs, and what else the entry tells. */
import { changesOf, type Entry } from '../../activity/trail.ts';
import { useT } from '../../messages/messages-provider.tsx';

export function EntryChanges({ entry }: { entry: Entry }) {
  const t = useT();
  const changes = changesOf(entry);
  const details = Object.entries(entry.details ?? {});
  return (
    <>
      {changes.length > 0 ? (
        <section>
          <h3 className="mb-1 font-semibold text-sm">{t('activity.audit.changes')}</h3>
          <table className="w-full table-fixed text-left text-sm">
            <thead className="text-ink-3">
              <tr>
                <th className="py-1 font-normal">{t('activity.audit.field')}</th>
                <th className="py-1 font-normal">{t('activity.audit.before')}</th>
                <th className="py-1 font-normal">{t('activity.audit.after')}</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ field, before, after }) => (
                <tr key={field} className="border-line border-t align-baseline">
                  <th className="break-words py-1 pr-2 font-normal">{field}</th>
                  <td className="break-words py-1 pr-2 font-mono text-ink-2">
                    {before === null ? t('activity.audit.absent') : <del>{before}</del>}
                  </td>
                  <td className="break-words py-1 font-mono">
                    {after === null ? t('activity.audit.absent') : <ins className="no-underline">{after}</ins>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
      {details.length > 0 ? (
        <section>
          <h3 className="mb-1 font-semibold text-sm">{t('activity.audit.details')}</h3>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-4 gap-y-1 text-sm">
            {details.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-ink-3">{name}</dt>
                <dd className="break-words">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ) : null}
    </>
  );
}
