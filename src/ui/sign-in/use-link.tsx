'use client';
/** A link was opened where somebody is signed in already: asks before it takes their place. */
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';

export function UseLink({ name, onUse }: { name: string; onUse: () => void }) {
  const t = useT();
  return (
    <div className="rounded-md bg-sunken p-3">
      <p className="text-pretty text-ink">{t('signIn.link.held', { name })}</p>
      <Button size="sm" className="mt-2" onClick={onUse}>
        {t('signIn.link.use')}
      </Button>
    </div>
  );
}
