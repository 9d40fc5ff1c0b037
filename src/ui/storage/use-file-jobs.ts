'use client';
/**
 * Changes to many files at once: ordering them, following them by the live stream, and telling how each ended. Whatever ends
 * while it is followed is told once: done by a short message with Undo, a problem by one that stays.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type FileJobId, randomText, type StorageId } from '../../domain/ids.ts';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { type FileJob, hasProblem, jobText } from './file-job.ts';
import { withJob } from './job-list.ts';

export interface FileTransfer {
  from: string;
  to: string;
}

export interface FileJobs {
  /** Those under way, and those that ended with a problem nobody has closed yet. */
  shown: FileJob[];
  /** Each answers once it is done or known to take longer, and rejects with the server's reason. */
  move: (items: readonly FileTransfer[]) => Promise<FileJob>;
  copy: (items: readonly FileTransfer[]) => Promise<FileJob>;
  remove: (keys: readonly string[]) => Promise<FileJob>;
  undo: (id: FileJobId) => void;
  /** Undoes the latest change of this page; false when there is none. */
  undoLast: () => boolean;
  stop: (id: FileJobId) => void;
  dismiss: (id: FileJobId) => void;
}

export function useFileJobs(storage: { id: StorageId; displayName: string }): FileJobs {
  const t = useT();
  const { id, displayName } = storage;
  const utils = trpc.useUtils();
  const { data } = trpc.files.jobs.useQuery({ id });
  const [problems, setProblems] = useState<FileJob[]>([]);
  const followed = useRef(new Set<FileJobId>());
  const undoable = useRef<FileJobId[]>([]);

  const latest = useRef<(job: FileJob) => void>(() => {});
  /** Takes in what the server answers, as the live stream would, which may have been faster. */
  const take = useCallback(
    (job: FileJob): FileJob => {
      followed.current.add(job.id);
      utils.files.jobs.setData({ id }, (old) => withJob(old ?? [], job));
      if (job.status !== 'running') void utils.files.list.invalidate({ id });
      latest.current(job);
      return job;
    },
    [utils, id],
  );
  const undo = useCallback(
    (jobId: FileJobId) => {
      undoable.current = undoable.current.filter((one) => one !== jobId);
      utils.client.files.undo
        .mutate({ id, jobId })
        .then(take, (error: unknown) => toast.error(shownError(error).message));
    },
    [utils, id, take],
  );

  /** Tells how one ended that was followed, once. */
  const follow = useCallback(
    (job: FileJob) => {
      if (job.status === 'running') {
        followed.current.add(job.id);
        return;
      }
      if (!followed.current.delete(job.id)) return;
      if (job.undo) undoable.current.push(job.id);
      if (hasProblem(job)) {
        setProblems((before) => [job, ...before]);
        return;
      }
      const action = job.undo ? { label: t('files.job.undo'), onPress: () => undo(job.id) } : undefined;
      toast[job.status === 'cancelled' ? 'info' : 'success'](jobText(t, job, displayName), { action, id: job.id });
    },
    [t, displayName, undo],
  );
  useEffect(() => {
    latest.current = follow;
  });
  useEffect(() => data?.forEach(follow), [data, follow]);

  return useMemo(() => {
    const { client } = utils;
    const clientKey = () => randomText(20);
    const running = (data ?? []).filter(({ status }) => status === 'running');
    return {
      shown: [...running, ...problems],
      move: async (items) => take(await client.files.move.mutate({ id, items: [...items], clientKey: clientKey() })),
      copy: async (items) => take(await client.files.copy.mutate({ id, items: [...items], clientKey: clientKey() })),
      remove: async (keys) => take(await client.files.delete.mutate({ id, keys: [...keys], clientKey: clientKey() })),
      undo,
      undoLast: () => {
        const last = undoable.current.at(-1);
        if (last !== undefined) undo(last);
        return last !== undefined;
      },
      stop: (jobId) => {
        client.files.cancel
          .mutate({ id, jobId })
          .then(take, (error: unknown) => toast.error(shownError(error).message));
      },
      dismiss: (jobId) => setProblems((before) => before.filter((job) => job.id !== jobId)),
    };
  }, [utils, id, data, problems, take, undo]);
}
