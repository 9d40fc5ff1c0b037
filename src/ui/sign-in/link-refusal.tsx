'use client';
/** Why a link did not sign in, and what to do. */
import { CircleAlert } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import type { Refusal } from './redeem.ts';

export function LinkRefusal({ refusal, onRetry }: { refusal: Refusal; onRetry: () => void }) {
  const t = useT();
  const why = refusal.kind === 'refused' ? refusal.message : t(`signIn.${refusal.kind}.why`);
  return (
    <div className="flex gap-2.5 rounded-md bg-failed-soft p-3">
      <CircleAlert className="icon mt-0.5 text-failed" aria-hidden />
      <div className="min-w-0">
        <p className="font-semibold text-failed">{t(`signIn.${refusal.kind}.what`)}</p>
        {why ? <p className="mt-1 text-pretty text-ink">{why}</p> : null}
        <p className="mt-1 text-ink">
          {t(refusal.kind === 'unreachable' ? 'signIn.unreachable.now' : 'signIn.newLink')}
        </p>
        {refusal.kind === 'unreachable' ? (
          <Button size="sm" className="mt-2" onClick={onRetry}>
            {t('action.retry')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
