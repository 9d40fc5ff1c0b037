'use client';
/**
 * An invitation's link: its secret arrives in the fragment, is taken out of the address at once, and is kept in a cookie for the
 * sign-in that follows. The card says what it offers.
 */
import { MailOpen } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { safeNextPath } from '../../domain/next-path.ts';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { acceptInvitation, type Offer, showInvitation } from './invitation.ts';

export function InvitationCard({ next }: { next: string | null }) {
  const t = useT();
  const format = useFormat();
  const [offer, setOffer] = useState<Offer | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const take = useCallback(async () => {
    const secret = /[#&]invitation=([A-Za-z0-9._~-]{16,256})/.exec(window.location.hash)?.[1];
    if (!secret) return;
    history.replaceState(history.state, '', window.location.pathname + window.location.search);
    const answer = await showInvitation(secret);
    if (typeof answer === 'string') setRefusal(answer || t('signIn.invitation.unreachable'));
    else setOffer(answer);
  }, [t]);

  useEffect(() => {
    void take();
    const onHash = () => void take();
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, [take]);

  const accept = async () => {
    setBusy(true);
    const refused = await acceptInvitation();
    if (refused === null) return window.location.replace(safeNextPath(next, window.location.origin));
    setBusy(false);
    setRefusal(refused || t('signIn.invitation.unreachable'));
  };

  if (offer === null && refusal === null) return null;
  return (
    <div role="status" className="mt-4 flex gap-2.5 rounded-md border border-line bg-sunken p-3">
      <MailOpen className="icon mt-0.5 shrink-0 text-ink-2" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{t(offer ? 'signIn.invitation.title' : 'signIn.back.wrong_invitation.what')}</p>
        {refusal === null ? null : <p className="mt-1 text-pretty text-failed">{refusal}</p>}
        {offer === null ? null : (
          <>
            <p className="mt-1 text-pretty text-ink-2">
              {t('signIn.invitation.offer', {
                role: t(`settings.role.${offer.role}`),
                tier: t(`settings.tier.${offer.tier}`),
              })}{' '}
              {offer.byLink
                ? null
                : offer.email === null
                  ? t('signIn.invitation.anyone')
                  : t('signIn.invitation.for', { email: offer.email })}
            </p>
            <p className="nums mt-1 text-ink-3 text-sm">
              {t('signIn.invitation.until', { time: format.exact(offer.expiresAt) })}
            </p>
            {offer.byLink ? (
              <Button look="primary" className="mt-3 max-w-full" busy={busy} onClick={() => void accept()}>
                <span className="truncate">{t('signIn.invitation.accept', { email: offer.email ?? '' })}</span>
              </Button>
            ) : null}
          </>
        )}
      </div>
    </div>
  );
}
