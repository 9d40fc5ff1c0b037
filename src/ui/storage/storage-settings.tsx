'use client';
/** Each setting of a bucket as it was last found: on, changed by hand, or nothing this store has or needs. */
import { Check, Minus, TriangleAlert } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { Time } from '../primitives/time.tsx';
import { settingName } from './setting-names.ts';
import type { Storage } from './storage.ts';
import { useStorageActions } from './use-storage-actions.ts';

const STATES = {
  on: { look: 'text-running', icon: <Check className="icon" aria-hidden /> },
  off: { look: 'text-warning', icon: <TriangleAlert className="icon" aria-hidden /> },
  lacking: { look: 'text-ink-3', icon: <Minus className="icon" aria-hidden /> },
} as const;

export function StorageSettings({ storage }: { storage: Storage }) {
  const t = useT();
  const { busy, repair } = useStorageActions(storage);
  const { settings, settingsAt, drift } = storage;
  return (
    <Card
      title={t('storages.about.settings')}
      actions={
        drift.length > 0 ? (
          <Button size="sm" busy={busy === 'repair'} onClick={repair}>
            {t('storages.drift.repair')}
          </Button>
        ) : settingsAt === null ? null : (
          <span className="text-ink-3 text-sm">
            {t('storages.about.checked')} <Time at={settingsAt} as="short" />
          </span>
        )
      }
    >
      {settings.length === 0 ? (
        <p className="text-ink-2">{t('storages.about.settingsNone')}</p>
      ) : (
        <ul className="flex flex-col gap-2.5">
          {settings.map(({ setting, state, reason }) => (
            <li key={setting} className="flex gap-2.5">
              <span className={`mt-0.5 ${STATES[state].look}`}>{STATES[state].icon}</span>
              <div className="min-w-0 flex-1">
                <p className="flex justify-between gap-4">
                  <span>{settingName(t, setting)}</span>
                  <span className={`shrink-0 text-sm ${STATES[state].look}`}>{t(`storages.state.${state}`)}</span>
                </p>
                {reason ? <p className="text-ink-3 text-sm">{reason}</p> : null}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
