'use client';
/** One thing that a dialog was asked to do: under way, or refused for a reason that people can read. */
import { useState } from 'react';
import { shownError } from './trpc-client.tsx';

export interface Attempt {
  busy: boolean;
  /** Why the last try was refused. */
  error: string | null;
  clearError: () => void;
  /** Stays busy once `work` is done, which closes the dialog or leaves the page itself; a refused one can be tried again. */
  run: (work: () => Promise<unknown>) => void;
}

export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function send(work: () => Promise<unknown>) {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failed) {
      setError(shownError(failed).message);
      setBusy(false);
    }
  }

  return { busy, error, clearError: () => setError(null), run: (work) => void send(work) };
}
