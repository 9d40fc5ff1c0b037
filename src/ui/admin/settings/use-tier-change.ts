'use client';
/** One change to tiers under way: it needs a reason, is busy, and says why it was refused. */
import { useState } from 'react';
import { trpc } from '../../trpc-client.tsx';
import { useAttempt } from '../../use-attempt.ts';
import { isReason } from '../reason-field.tsx';

export interface TierChange {
  busy: boolean;
  error: string | null;
  reason: string;
  /** Somebody tried without one. */
  reasonMissing: boolean;
  setReason: (text: string) => void;
  run: (call: (reason: string) => Promise<unknown>, done: () => void) => void;
}

export function useTierChange(): TierChange {
  const utils = trpc.useUtils();
  const { busy, error, clearError, run } = useAttempt();
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
      clearError();
    },
    run(call, done) {
      setMissing(!isReason(reason));
      if (!isReason(reason) || busy) return;
      run(async () => {
        await call(reason);
        void utils.admin.users.tiers.invalidate();
        void utils.profile.limits.invalidate();
        await utils.admin.tiers.invalidate();
        done();
      });
    },
  };
}
