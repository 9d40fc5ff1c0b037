'use client';
/** What the store of a storage cannot do, in plain words, so that nobody learns it from a lost file. */
import { useT } from '../messages/messages-provider.tsx';
import { Card } from '../primitives/card.tsx';
import type { Storage } from './storage.ts';

const ABILITIES = ['history', 'versions', 'uploads', 'atomicMove', 'folders', 'keysMayNest', 'signedUrls'] as const;

export function StorageLacks({ capabilities }: { capabilities: Storage['capabilities'] }) {
  const t = useT();
  const lacks = capabilities ? ABILITIES.filter((ability) => !capabilities[ability]) : [];
  return (
    <Card title={t('storages.about.lacks')}>
      {lacks.length === 0 ? (
        <p className="text-ink-2">{t(capabilities ? 'storages.about.lacksNone' : 'storages.about.lacksUnknown')}</p>
      ) : (
        <ul className="flex list-disc flex-col gap-1.5 pl-4 text-ink-2 marker:text-ink-3">
          {lacks.map((ability) => (
            <li key={ability}>{t(`storages.lack.${ability}`)}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}
