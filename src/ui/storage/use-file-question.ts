'use client';
/** What is asked about files, and what their answers do to the page. What can be undone is done without a question. */
import { useCallback, useState } from 'react';
import { toast } from '../primitives/toast.ts';
import { shownError } from '../trpc-client.tsx';
import { type FileQuestion, movesAway } from './file-question.ts';
import type { Storage } from './storage.ts';
import type { FileJobs } from './use-file-jobs.ts';

interface Options {
  jobs: FileJobs;
  /** Key of the previewed file; it follows a renaming and ends with a move or deletion. */
  previewed: string | null;
  preview: (name: string | null) => void;
  onDone: () => void;
}

export function useFileQuestion(storage: Storage, { jobs, previewed, preview, onDone }: Options) {
  const [question, setQuestion] = useState<FileQuestion | null>(null);
  const { remove } = jobs;
  const recoverable = storage.capabilities?.history === true;
  const finish = useCallback(
    (asked: FileQuestion, renamedTo: string | null) => {
      if (movesAway(asked, previewed)) preview(renamedTo);
      setQuestion(null);
      onDone();
    },
    [preview, previewed, onDone],
  );
  const ask = useCallback(
    (asked: FileQuestion) => {
      if (asked.kind !== 'delete' || !recoverable) return setQuestion(asked);
      remove(asked.entries.map(({ key }) => key)).then(
        () => finish(asked, null),
        (error: unknown) => void toast.error(shownError(error).message),
      );
    },
    [recoverable, remove, finish],
  );
  return {
    question,
    ask,
    close: () => setQuestion(null),
    done: (renamedTo?: string) => question && finish(question, renamedTo ?? null),
  };
}
