'use client';
/** One change to tiers under way: it needs a reason, is busy, and says why it was refused. */
import { useState } from 'react';
import { shownError, trpc } from '../../trpc-client.tsx';
import { isReason } from '../reason-field.tsx';

export interface TierChange {
  busy: boolean;
  error: string | null;
  reason: string;
  /** Somebody tried without one. */
  reasonMissing: boolean;
  setReason: (text: string) => void;
  run: (call: (reason: string) => Promise<unknown>, done: () => void) => Promise<void>;
}

export function useTierChange(): TierChange {
  const utils = trpc.useUtils();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [reasonMissing, setMissing] = useState(false);
  return {
    busy,
    error,
    reason,
    reasonMissing,
    setReason(text) {
      setReason(text);
      setMissing(false);
      setError(null);
    },
    async run(call, done) {
      setMissing(!isReason(reason));
      if (!isReason(reason) || busy) return;
      setBusy(true);
      setError(null);
      try {
        await call(reason);
        void utils.admin.users.tiers.invalidate();
        void utils.profile.limits.invalidate();
        await utils.admin.tiers.invalidate();
        done();
      } catch (failed) {
        setError(shownError(failed).message);
        setBusy(false);
      }
    },
  };
}
