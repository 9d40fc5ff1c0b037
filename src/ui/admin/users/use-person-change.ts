'use client';
/** One change to a person under way: busy, refused with a reason, and asked about twice when it is one's own account. */
import { useState } from 'react';
import { shownError, trpc } from '../../trpc-client.tsx';
import type { PersonRow } from './people.ts';
import { useRefreshPerson } from './use-people-cache.ts';

/** `confirmSelf` goes to the server as it is. */
type Call = (confirmSelf: { confirmSelf?: true }) => Promise<unknown>;

export interface PersonChange {
  /** Whether it is one's own account. */
  own: boolean;
  busy: boolean;
  /** Why the last try was refused. */
  error: string | null;
  clearError: () => void;
  run: (call: Call) => void;
  /** The second question, for one's own account. */
  question: { open: boolean; confirm: () => void; cancel: () => void };
}

export function usePersonChange({ id }: Pick<PersonRow, 'id'>, onDone?: () => void): PersonChange {
  const own = trpc.profile.me.useQuery().data?.id === id;
  const refresh = useRefreshPerson();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [asked, setAsked] = useState<Call | null>(null);

  async function send(call: Call, confirmSelf: { confirmSelf?: true }) {
    setBusy(true);
    setError(null);
    try {
      await call(confirmSelf);
      await refresh(id);
      onDone?.();
    } catch (failed) {
      setError(shownError(failed).message);
    }
    setBusy(false);
    setAsked(null);
  }

  return {
    own,
    busy,
    error,
    clearError: () => setError(null),
    run(call) {
      if (own) setAsked(() => call);
      else void send(call, {});
    },
    question: {
      open: asked !== null,
      confirm: () => asked && void send(asked, { confirmSelf: true }),
      cancel: () => setAsked(null),
    },
  };
}
