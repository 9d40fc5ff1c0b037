'use client';
/** Brings back files that are gone, or an older content of one that is there, and tells how that ended. */
import { useCallback, useState } from 'react';
import { randomText, type StorageId } from '../../domain/ids.ts';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { type FileJob, hasProblem, jobText } from './file-job.ts';
import { withJob } from './job-list.ts';
import { inPieces } from './kept-files.ts';

export interface RestoreItem {
  /** A folder (ends in a slash) brings back everything deleted below it. */
  key: string;
  /** null = the newest content that is kept. */
  versionId: string | null;
}

interface RestoreOptions {
  /** Called instead of the general words when all went well, or goes on in the server. */
  onDone?: (job: FileJob) => void;
}

const AT_ONCE = 1000;

export function useRestore(id: StorageId) {
  const t = useT();
  const utils = trpc.useUtils();
  const [busy, setBusy] = useState(false);

  const tell = useCallback(
    (job: FileJob, { onDone }: RestoreOptions) => {
      // One that goes on is followed by the list of changes, which tells its end under the same id.
      if (job.status === 'running') {
        utils.files.jobs.setData({ id }, (old) => withJob(old ?? [], job));
        onDone?.(job);
        return;
      }
      const said = jobText(t, job, '');
      const reason = job.message ?? job.failures[0]?.message;
      if (hasProblem(job)) toast.error(said, { detail: reason, id: job.id });
      else if (onDone) onDone(job);
      else toast.success(said, { id: job.id });
    },
    [t, utils, id],
  );

  /** Answers whether it was ordered; a refusal is told. */
  const restore = useCallback(
    async (items: readonly RestoreItem[], options: RestoreOptions = {}): Promise<boolean> => {
      setBusy(true);
      try {
        for (const part of inPieces(items, AT_ONCE)) {
          tell(await utils.client.files.restore.mutate({ id, items: part, clientKey: randomText(20) }), options);
        }
        return true;
      } catch (error) {
        toast.error(shownError(error).message);
        return false;
      } finally {
        setBusy(false);
        void utils.files.invalidate();
      }
    },
    [tell, utils, id],
  );

  return { restore, busy };
}
