'use client';
/** Which running environments still have values from before the last change, each with its restart. */
import { RotateCw } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { environmentHref } from '../environments/environment.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { type Outputs, trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';

type Outdated = Outputs['secrets']['outdated'][number];

export function OutdatedNotice() {
  const t = useT();
  const { data = [] } = trpc.secrets.outdated.useQuery(undefined, { staleTime: 0, refetchOnWindowFocus: 'always' });
  const [asked, setAsked] = useState<Outdated | null>(null);
  return (
    <div role="status">
      {data.length === 0 ? null : (
        <div className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3">
          <p className="text-pretty text-ink-2">{t('secrets.outdated', { count: data.length })}</p>
          <ul className="flex flex-col gap-1">
            {data.map((environment) => (
              <li key={environment.id} className="flex items-center justify-between gap-3">
                <Link
                  href={environmentHref(environment.id)}
                  className="min-w-0 truncate rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
                >
                  {environment.name}
                </Link>
                <Button
                  size="sm"
                  icon={<RotateCw className="icon" aria-hidden />}
                  aria-label={t('secrets.restartNamed', { name: environment.name })}
                  onClick={() => setAsked(environment)}
                >
                  {t('secrets.restart')}
                </Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {asked ? <RestartDialog environment={asked} onClose={() => setAsked(null)} /> : null}
    </div>
  );
}

function RestartDialog({ environment, onClose }: { environment: Outdated; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();
  const { id, name } = environment;

  async function restart() {
    await utils.client.environments.restart.mutate({ id });
    void utils.secrets.outdated.invalidate();
    void utils.environments.invalidate();
    toast.success(t('secrets.restarted', { name }));
    onClose();
  }

  return (
    <ConfirmDialog
      open
      look="primary"
      onOpenChange={onClose}
      title={t('secrets.restartTitle', { name })}
      action={t('secrets.restartNamed', { name })}
      busy={busy}
      error={error}
      onConfirm={() => run(restart)}
    >
      {t('secrets.restartText')}
    </ConfirmDialog>
  );
}
