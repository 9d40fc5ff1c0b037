'use client';
/** Who one is, and what one may use. */
import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { isStorageName } from '../../domain/storage.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { toast } from '../primitives/toast.ts';
import { type Outputs, shownError, trpc } from '../trpc-client.tsx';
import { UsageBars } from './usage-bars.tsx';

export function ProfileTab() {
  const t = useT();
  const me = trpc.profile.me.useQuery();
  const limits = trpc.profile.limits.useQuery();
  return (
    <div className="flex flex-col gap-4">
      <Card title={t('settings.profile.about')}>
        {me.data ? (
          <About me={me.data} />
        ) : me.isError ? (
          <FailedQuery error={me.error} what={t('settings.profile.failedWhat')} onRetry={() => void me.refetch()} />
        ) : (
          <Loading>
            <Skeleton className="h-52" />
          </Loading>
        )}
      </Card>
      <Card title={t('settings.limits')}>
        {limits.data ? (
          <LimitsOf allowed={limits.data} />
        ) : limits.isError ? (
          <FailedQuery
            error={limits.error}
            what={t('settings.limits.failedWhat')}
            onRetry={() => void limits.refetch()}
          />
        ) : (
          <Loading>
            <Skeleton className="h-32" />
          </Loading>
        )}
      </Card>
    </div>
  );
}

function About({ me }: { me: Outputs['profile']['me'] }) {
  const t = useT();
  return (
    <>
      {/* A name that changed elsewhere starts the field anew. */}
      <NameForm key={me.name} me={me} />
      <dl className="mt-5 flex flex-col gap-3">
        <Row name={t('settings.profile.email')}>{me.email}</Row>
        <Row name={t('settings.profile.role')}>{t(`settings.role.${me.role}`)}</Row>
        <Row name={t('settings.profile.tier')}>{t(`settings.tier.${me.tier}`)}</Row>
      </dl>
    </>
  );
}

function NameForm({ me }: { me: Outputs['profile']['me'] }) {
  const t = useT();
  const utils = trpc.useUtils();
  const [name, setName] = useState(me.name);
  const [error, setError] = useState<string | null>(null);
  const update = trpc.profile.update.useMutation({
    onSuccess: (after) => {
      utils.profile.me.setData(undefined, after);
      toast.success(t('settings.profile.saved'));
    },
    onError: (failed) => setError(shownError(failed).message),
  });
  const next = name.trim();
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (isStorageName(next)) update.mutate({ name: next });
        else setError(t('settings.profile.nameFault'));
      }}
    >
      <Field label={t('settings.profile.name')} error={error} className="min-w-0 flex-1 sm:max-w-sm">
        <Input
          value={name}
          maxLength={64}
          autoComplete="name"
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
      </Field>
      <Button type="submit" look="primary" busy={update.isPending} disabled={next === me.name} className="mb-1">
        {t('settings.profile.save')}
      </Button>
    </form>
  );
}

function LimitsOf({ allowed }: { allowed: Outputs['profile']['limits'] }) {
  const t = useT();
  const format = useFormat();
  const { limits, ceiling, enforced } = allowed;
  return (
    <>
      <UsageBars allowed={allowed} />
      <ul className="mt-5 flex list-disc flex-col gap-1 pl-4 text-ink-2">
        <li>
          {limits.uptimeMs === null
            ? t('settings.limits.uptimeNone')
            : t('settings.limits.uptime', { duration: format.duration(limits.uptimeMs) })}
        </li>
        <li>
          {t('settings.limits.largest', {
            cores: format.cores(ceiling.cpuMillicores),
            memory: format.memory(ceiling.memoryMiB),
          })}
        </li>
        {enforced ? null : <li>{t('settings.limits.notEnforced')}</li>}
      </ul>
      <Link
        href="/help/limits"
        className="mt-4 inline-block rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
      >
        {t('settings.limits.help')}
      </Link>
    </>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[96px_minmax(0,1fr)] gap-3">
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}
