'use client';
import { safeNextPath } from '../../domain/next-path.ts';
/** For who is signed in already and only came here by an old address. */
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';

export function ContinueAs({ name, next }: { name: string; next: string | null }) {
  const t = useT();
  return (
    <div className="mt-4 flex items-center justify-between gap-3 rounded-md border border-line bg-sunken py-2 pr-2 pl-3">
      <span className="min-w-0 truncate text-ink-2">{t('signIn.already', { name })}</span>
      <Button size="sm" onClick={() => window.location.assign(safeNextPath(next, window.location.origin))}>
        {t('signIn.continue')}
      </Button>
    </div>
  );
}
