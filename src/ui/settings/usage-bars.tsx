'use client';
/** What one uses of one's limits, as thin bars. */
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Progress } from '../primitives/progress.tsx';
import type { Outputs } from '../trpc-client.tsx';

export function UsageBars({ allowed }: { allowed: Outputs['profile']['limits'] }) {
  const t = useT();
  const format = useFormat();
  const { usage, limits, ceiling, enforced } = allowed;
  // Where nothing enforces sizes, a limit beyond the machine says little; what the machine has says more.
  const machine = (limit: number, has: number) => !enforced && has < limit;
  const cpuOfMachine = machine(limits.cpuMillicores, ceiling.cpuMillicores);
  const memoryOfMachine = machine(limits.memoryMiB, ceiling.memoryMiB);
  const bars = [
    {
      label: t('settings.limits.environments'),
      value: usage.environments,
      max: limits.environments,
      used: format.number(usage.environments),
      of: format.number(limits.environments),
      ofMachine: false,
    },
    {
      label: t('settings.limits.cpu'),
      value: usage.cpuMillicores,
      max: cpuOfMachine ? ceiling.cpuMillicores : limits.cpuMillicores,
      used: cpuOfMachine ? format.cores(usage.cpuMillicores) : format.number(usage.cpuMillicores / 1000),
      of: format.cores(cpuOfMachine ? ceiling.cpuMillicores : limits.cpuMillicores),
      ofMachine: cpuOfMachine,
    },
    {
      label: t('settings.limits.memory'),
      value: usage.memoryMiB,
      max: memoryOfMachine ? ceiling.memoryMiB : limits.memoryMiB,
      used: format.memory(usage.memoryMiB),
      of: format.memory(memoryOfMachine ? ceiling.memoryMiB : limits.memoryMiB),
      ofMachine: memoryOfMachine,
    },
    ...(limits.gpus > 0 && ceiling.gpus > 0
      ? [
          {
            label: t('settings.limits.gpus'),
            value: usage.gpus,
            max: limits.gpus,
            used: format.number(usage.gpus),
            of: format.number(limits.gpus),
            ofMachine: false,
          },
        ]
      : []),
  ];
  return (
    <div className="grid grid-cols-[repeat(auto-fit,minmax(200px,1fr))] gap-x-8 gap-y-4">
      {bars.map(({ label, value, max, used, of, ofMachine }) => (
        <Progress
          key={label}
          // More than the machine has is allowed here: no alarm.
          kind={ofMachine ? 'progress' : 'usage'}
          label={label}
          value={value}
          max={max}
          detail={t(ofMachine ? 'settings.limits.ofMachine' : 'settings.limits.of', { used, max: of })}
        />
      ))}
    </div>
  );
}
