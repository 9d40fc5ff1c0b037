'use client';
/** What is being done to many files, how far it is, and what could not be done. */
import { CircleAlert, Undo2, X } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Progress } from '../primitives/progress.tsx';
import { type FileJob, jobText } from './file-job.ts';
import type { FileJobs as Jobs } from './use-file-jobs.ts';

interface FileJobsProps {
  storageName: string;
  jobs: Jobs;
}

export function FileJobs({ storageName, jobs }: FileJobsProps) {
  const t = useT();
  if (jobs.shown.length === 0) return null;
  return (
    <ul
      aria-label={t('files.job.region')}
      className="mb-3 divide-y divide-line rounded-lg border border-line bg-surface"
    >
      {jobs.shown.map((job) => (
        <li key={job.id} className="px-4 py-3">
          {job.status === 'running' ? (
            <Running job={job} text={jobText(t, job, storageName)} onStop={() => jobs.stop(job.id)} />
          ) : (
            <Problem job={job} text={jobText(t, job, storageName)} jobs={jobs} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Running({ job, text, onStop }: { job: FileJob; text: string; onStop: () => void }) {
  const t = useT();
  const { done, total, message } = job;
  const count = t('files.job.progress', { count: done });
  return (
    <div className="flex items-center gap-4">
      <div className="min-w-0 flex-1">
        <Progress
          label={text}
          value={total === null ? 0 : done}
          max={total ?? 1}
          detail={total === null ? count : t('files.job.progressOf', { done, total })}
        />
        {message ? <p className="mt-1.5 text-ink-2 text-sm">{message}</p> : null}
      </div>
      <Button size="sm" onClick={onStop}>
        {t('files.job.stop')}
      </Button>
    </div>
  );
}

function Problem({ job, text, jobs }: { job: FileJob; text: string; jobs: Jobs }) {
  const t = useT();
  const more = job.failedCount - job.failures.length;
  return (
    <div role="alert" className="flex items-start gap-3">
      <CircleAlert className="icon mt-0.5 shrink-0 text-failed" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{text}</p>
        {job.message ? <p className="text-ink-2">{job.message}</p> : null}
        {job.failures.length > 0 ? (
          <details className="mt-1 text-sm" open={job.failedCount <= 3}>
            <summary className="cursor-pointer text-ink-2">
              {t('files.job.failures', { count: job.failedCount })}
            </summary>
            <ul className="mt-1 space-y-1">
              {job.failures.map(({ key, message }) => (
                <li key={key} className="break-words">
                  <span className="font-mono">{key}</span> <span className="text-ink-2">{message}</span>
                </li>
              ))}
              {more > 0 ? <li className="text-ink-2">{t('files.job.failuresMore', { more })}</li> : null}
            </ul>
          </details>
        ) : null}
      </div>
      {job.undo && job.done > 0 ? (
        <Button
          size="sm"
          icon={<Undo2 className="icon" aria-hidden />}
          onClick={() => {
            jobs.undo(job.id);
            jobs.dismiss(job.id);
          }}
        >
          {t('files.job.undo')}
        </Button>
      ) : null}
      <IconButton
        size="sm"
        label={t('files.job.dismiss')}
        icon={<X className="icon" aria-hidden />}
        onClick={() => jobs.dismiss(job.id)}
      />
    </div>
  );
}
