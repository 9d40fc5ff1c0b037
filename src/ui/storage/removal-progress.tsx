'use client';
/** How many files of a storage are gone so far: a bar where about how many there were is known. */
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Progress } from '../primitives/progress.tsx';
import type { StorageWork } from './storage-work.ts';

export function RemovalProgress({ work }: { work: StorageWork }) {
  const t = useT();
  const format = useFormat();
  const { removed, total } = work;
  const gone = removed ?? 0;
  if (!total) return <p className="nums">{t('storages.work.removed', { count: gone })}</p>;
  return (
    <div className="mt-1">
      <Progress
        label={t('storages.work.removing')}
        value={gone}
        max={total}
        detail={t('storages.work.removedOf', { removed: format.number(gone), total: format.number(total) })}
      />
    </div>
  );
}
