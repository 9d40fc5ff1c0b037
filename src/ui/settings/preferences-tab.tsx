'use client';
/** How the application looks, kept with the account. A change shows at once and goes back when it could not be kept. */
import { Monitor, Moon, Rows3, Rows4, Sun } from 'lucide-react';
import type { Preferences } from '../../domain/user.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Card } from '../primitives/card.tsx';
import { RadioCards } from '../primitives/radio-cards.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { toast } from '../primitives/toast.ts';
import { applyLook } from '../shell/theme.ts';
import { shownError, trpc } from '../trpc-client.tsx';

type Look = Pick<Preferences, 'theme' | 'density'>;

const THEMES = [
  { value: 'system', Icon: Monitor },
  { value: 'light', Icon: Sun },
  { value: 'dark', Icon: Moon },
] as const;
const DENSITIES = [
  { value: 'comfortable', Icon: Rows3 },
  { value: 'compact', Icon: Rows4 },
] as const;

export function PreferencesTab() {
  const t = useT();
  const { data: me, error, refetch } = trpc.profile.me.useQuery();
  const choose = useLook();
  if (error && !me) {
    return <FailedQuery error={error} what={t('settings.profile.failedWhat')} onRetry={() => void refetch()} />;
  }
  return (
    <Card title={t('settings.preferences.look')}>
      {me ? (
        <div className="flex flex-col gap-5">
          <Choice title={t('settings.preferences.theme')}>
            <RadioCards
              label={t('settings.preferences.theme')}
              value={me.preferences.theme}
              onChange={(value) => {
                const theme = THEMES.find((one) => one.value === value)?.value;
                if (theme) void choose({ theme });
              }}
              cards={THEMES.map(({ value, Icon }) => ({
                value,
                title: t(`settings.preferences.theme.${value}`),
                detail: t(`settings.preferences.theme.${value}Detail`),
                icon: <Icon className="icon" aria-hidden />,
              }))}
            />
          </Choice>
          <Choice title={t('settings.preferences.density')}>
            <RadioCards
              columns={2}
              label={t('settings.preferences.density')}
              value={me.preferences.density}
              onChange={(value) => {
                const density = DENSITIES.find((one) => one.value === value)?.value;
                if (density) void choose({ density });
              }}
              cards={DENSITIES.map(({ value, Icon }) => ({
                value,
                title: t(`settings.preferences.density.${value}`),
                detail: t(`settings.preferences.density.${value}Detail`),
                icon: <Icon className="icon" aria-hidden />,
              }))}
            />
          </Choice>
          <p className="text-ink-3 text-sm">{t('settings.preferences.kept')}</p>
        </div>
      ) : (
        <Loading className="flex flex-col gap-5">
          <Skeleton className="h-24 rounded-md" />
          <Skeleton className="h-24 rounded-md" />
        </Loading>
      )}
    </Card>
  );
}

function Choice({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <p aria-hidden className="mb-2 font-medium text-sm">
        {title}
      </p>
      {children}
    </div>
  );
}

function useLook(): (change: Partial<Look>) => Promise<void> {
  const t = useT();
  const utils = trpc.useUtils();
  return async (change) => {
    const before = utils.profile.me.getData();
    applyLook(change);
    utils.profile.me.setData(undefined, (me) => me && { ...me, preferences: { ...me.preferences, ...change } });
    try {
      utils.profile.me.setData(undefined, await utils.client.profile.update.mutate({ preferences: change }));
    } catch (error) {
      if (before) applyLook(before.preferences);
      utils.profile.me.setData(undefined, before);
      toast.error(t('settings.preferences.saveFailed'), { detail: shownError(error).message });
    }
  };
}
