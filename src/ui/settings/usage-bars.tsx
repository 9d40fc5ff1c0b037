'use client';
/** What one uses of one's limits, as thin bars. */
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Progress } from '../primitives/progress.tsx';
import type { Outputs } from '../trpc-client.tsx';

export function UsageBars({ allowed }: { allowed: Outputs['profile']['limits'] }) {
  const t = useT();
  const format = useFormat();
  const { usage, limits, ceiling } = allowed;
  const bars = [
    {
      label: t('settings.limits.environments'),
      value: usage.environments,
      max: limits.environments,
      used: format.number(usage.environments),
      of: format.number(limits.environments),
    },
    {
      label: t('settings.limits.cpu'),
      value: usage.cpuMillicores,
      max: limits.cpuMillicores,
      used: format.number(usage.cpuMillicores / 1000),
      of: format.cores(limits.cpuMillicores),
    },
    {
      label: t('settings.limits.memory'),
      value: usage.memoryMiB,
      max: limits.memoryMiB,
      used: format.memory(usage.memoryMiB),
      of: format.memory(limits.memoryMiB),
    },
    ...(limits.gpus > 0 && ceiling.gpus > 0
      ? [
          {
            label: t('settings.limits.gpus'),
            value: usage.gpus,
            max: limits.gpus,
            used: format.number(usage.gpus),
            of: format.number(limits.gpus),
          },
        ]
      : []),
  ];
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(200px,1fr))] gap-x-8 gap-y-4">
      {bars.map(({ label, value, max, used, of }) => (
        <Progress
          key={label}
          kind="usage"
          label={label}
          value={value}
          max={max}
          detail={t('settings.limits.of', { used, max: of })}
        />
      ))}
    </div>
  );
}
