'use client';
/** A storage that is being made or removed: its steps with their times, how far it is, what it waits for, what can be done. */
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { Duration, Elapsed } from '../primitives/time.tsx';
import { Timeline, type TimelineStep } from '../primitives/timeline.tsx';
import { RemovalProgress } from './removal-progress.tsx';
import type { Storage } from './storage.ts';
import { type StorageWork, type WorkStep, workSteps } from './storage-work.ts';
import { useStorageActions } from './use-storage-actions.ts';

export function StorageProgress({ storage }: { storage: Storage }) {
  const t = useT();
  const { status, work } = storage;
  const failed = status === 'failed';
  const kind = status === 'deleting' ? 'delete' : 'create';
  return (
    <section className="max-w-2xl rounded-lg border border-line bg-surface p-5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h2 className="min-w-0 font-semibold text-lg">
          {t(failed ? 'storages.work.create.failed' : `storages.work.${kind}.title`)}
        </h2>
        {work && !failed ? (
          <p className="text-ink-2 text-sm">
            <span className="sr-only">{t('storages.work.since')} </span>
            <Elapsed from={work.since} />
          </p>
        ) : null}
      </div>
      {failed ? null : <p className="mt-1 text-ink-2">{t(`storages.work.${kind}.text`)}</p>}
      {work ? (
        <Steps storage={storage} work={work} failed={failed} />
      ) : (
        <Loading className="mt-5">
          <Skeleton className="h-24 max-w-md" />
        </Loading>
      )}
      <Actions storage={storage} failed={failed} />
    </section>
  );
}

function Steps({ storage, work, failed }: { storage: Storage; work: StorageWork; failed: boolean }) {
  const t = useT();
  const steps = workSteps(work, failed).map(
    (step): TimelineStep => ({
      id: step.id,
      title: titleOf(t, work.kind, step.id),
      state: step.state,
      time:
        step.tookMs !== null ? (
          <Duration ms={step.tookMs} />
        ) : step.since !== null ? (
          <Elapsed from={step.since} />
        ) : null,
      detail:
        step.state === 'failed' ? storage.failure : step.state === 'current' ? <Now work={work} step={step} /> : null,
    }),
  );
  return (
    <div className="mt-5 max-w-md">
      <Timeline label={t('storages.work.steps')} steps={steps} />
    </div>
  );
}

function titleOf(t: ReturnType<typeof useT>, kind: StorageWork['kind'], id: string): string {
  if (kind === 'delete') {
    return t(`storages.work.gone.${id === 'access' ? 'access' : id === 'content' ? 'content' : 'bucket'}`);
  }
  return t(`storages.work.step.${id === 'access' ? 'access' : id === 'settings' ? 'settings' : 'bucket'}`);
}

function Now({ work, step }: { work: StorageWork; step: WorkStep }) {
  const t = useT();
  return (
    <>
      {step.id === 'content' ? <RemovalProgress work={work} /> : null}
      {step.of > 1 ? <p className="nums">{t('storages.work.settings', { done: step.done, of: step.of })}</p> : null}
      {work.waiting ? (
        <p className="text-warning" role="status">
          {work.waiting} {t('storages.work.waiting')}
        </p>
      ) : null}
    </>
  );
}

function Actions({ storage, failed }: { storage: Storage; failed: boolean }) {
  const t = useT();
  const { busy, retry, keep } = useStorageActions(storage);
  if (failed) {
    return (
      <div className="mt-5">
        <Button look="primary" busy={busy === 'retry'} onClick={retry}>
          {t('storages.work.retry')}
        </Button>
      </div>
    );
  }
  if (!storage.work?.cancellable) return null;
  return (
    <div className="mt-5 flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button busy={busy === 'keep'} onClick={keep}>
        {t('storages.work.cancel')}
      </Button>
      <span className="text-ink-3 text-sm">{t('storages.work.cancelHint')}</span>
    </div>
  );
}
