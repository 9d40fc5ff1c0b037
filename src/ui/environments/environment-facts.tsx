'use client';
/** What an environment is: address, size, storage, times, and when it will end. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { Copyable } from '../primitives/copyable.tsx';
import { Cores, Memory } from '../primitives/quantity.tsx';
import { Time } from '../primitives/time.tsx';
import { trpc } from '../trpc-client.tsx';
import type { Environment } from './environment.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';
import { WorkspaceSaved } from './workspace-saved.tsx';

export function EnvironmentFacts({ environment }: { environment: Environment }) {
  const t = useT();
  const { data: allowed } = trpc.profile.limits.useQuery();
  const { application, storage, size, command, phase } = environment;
  return (
    <Card title={t('environments.facts')}>
      <dl className="flex flex-col gap-3">
        <Fact name={t('environments.fact.application')}>{application.name}</Fact>
        {command ? (
          <Fact name={t('environments.fact.command')}>
            <code className="break-words font-mono">{command}</code>
          </Fact>
        ) : null}
        <Fact name={t('environments.fact.size')}>
          <Cores millicores={size.cpuMillicores} /> · <Memory mib={size.memoryMiB} />
          {allowed?.enforced ? null : (
            // Keeps its line until it is known whether to say it: what stands below must not move.
            <span className="block min-h-5 text-ink-3 text-sm">
              {allowed ? t('environments.fact.notEnforced') : null}
            </span>
          )}
        </Fact>
        <Fact name={t('environments.fact.storage')}>
          {storage ? (
            <Link
              href={`/storage/${storage.id}`}
              className="break-words rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
            >
              {storage.displayName}
            </Link>
          ) : (
            t('environments.fact.noStorage')
          )}
        </Fact>
        {environment.sync ? (
          <Fact name={t('environments.fact.sync')}>
            <WorkspaceSaved sync={environment.sync} detailed />
          </Fact>
        ) : null}
        {phase === 'running' ? <Running environment={environment} /> : null}
        {phase === 'stopped' ? (
          <Fact name={t('environments.fact.stopped')}>
            <Time at={environment.phaseAt} />
          </Fact>
        ) : null}
        <Fact name={t('environments.fact.created')}>
          <Time at={environment.createdAt} />
        </Fact>
        <Fact name={t('environments.fact.address')}>
          <Copyable text={environment.url} />
        </Fact>
      </dl>
    </Card>
  );
}

function Running({ environment }: { environment: Environment }) {
  const t = useT();
  const { readyAt, lastActivityAt, deadlineAt } = environment;
  return (
    <>
      {readyAt === null ? null : (
        <Fact name={t('environments.fact.ready')}>
          <Time at={readyAt} />
        </Fact>
      )}
      <Fact name={t('environments.fact.activity')}>
        {lastActivityAt === null ? t('environments.fact.neverUsed') : <Time at={lastActivityAt} />}
      </Fact>
      <Fact name={t('environments.fact.ends')}>
        {deadlineAt === null ? t('environments.fact.endsNever') : <Time at={deadlineAt} />}
        {deadlineAt === null ? null : <KeepRunning environment={environment} />}
      </Fact>
    </>
  );
}

function KeepRunning({ environment }: { environment: Environment }) {
  const t = useT();
  const format = useFormat();
  const { extend } = useEnvironmentActions();
  const { data: allowed } = trpc.profile.limits.useQuery();
  const uptimeMs = allowed?.limits.uptimeMs ?? null;
  return (
    <span className="mt-1.5 block">
      <Button size="sm" onClick={() => void extend(environment)}>
        {t('environments.keepRunning')}
      </Button>
      {uptimeMs === null ? null : (
        <span className="mt-1 block text-ink-3 text-sm">
          {t('environments.keepRunningHint', { duration: format.duration(uptimeMs) })}
        </span>
      )}
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[112px_minmax(0,1fr)] gap-3">
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
