'use client';
/** What somebody uses of what they may. */
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Progress } from '../../primitives/progress.tsx';
import type { PersonDetail } from './people.ts';

export function PersonUsage({ person }: { person: PersonDetail }) {
  const t = useT();
  const format = useFormat();
  const { usage, limits, environments, storage } = person;
  const of = (used: string, max: string) => t('settings.limits.of', { used, max });
  const bars = [
    {
      label: t('settings.limits.environments'),
      value: usage.environments,
      max: limits.environments,
      detail: of(format.number(usage.environments), format.number(limits.environments)),
    },
    {
      label: t('settings.limits.cpu'),
      value: usage.cpuMillicores,
      max: limits.cpuMillicores,
      detail: of(format.number(usage.cpuMillicores / 1000), format.cores(limits.cpuMillicores)),
    },
    {
      label: t('settings.limits.memory'),
      value: usage.memoryMiB,
      max: limits.memoryMiB,
      detail: of(format.memory(usage.memoryMiB), format.memory(limits.memoryMiB)),
    },
    ...(limits.gpus > 0 || usage.gpus > 0
      ? [
          {
            label: t('settings.limits.gpus'),
            value: usage.gpus,
            max: limits.gpus,
            detail: of(format.number(usage.gpus), format.number(limits.gpus)),
          },
        ]
      : []),
  ];
  return (
    <>
      <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
        {bars.map((bar) => (
          <Progress key={bar.label} kind="usage" {...bar} />
        ))}
      </div>
      <dl className="nums mt-4 grid grid-cols-[88px_minmax(0,1fr)] items-baseline gap-x-3 gap-y-1.5 [&_dt]:text-ink-2">
        <dt>{t('adminUsers.usage.environments')}</dt>
        <dd>{t('adminUsers.usage.environmentsText', environments)}</dd>
        <dt>{t('adminUsers.usage.storage')}</dt>
        <dd>{t('adminUsers.usage.storageText', { size: format.bytes(storage.sizeBytes), count: storage.storages })}</dd>
      </dl>
    </>
  );
}
