'use client';
/** One confirmation for several environments, naming each of them. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { ApplicationIcon } from './application-icon.tsx';
import type { Environment } from './environment.ts';
import { EnvironmentStatus } from './environment-status.tsx';

interface BulkDialogProps {
  kind: 'stop' | 'delete';
  environments: readonly Environment[];
  onClose: () => void;
  onDone: () => void;
}

export function BulkDialog({ kind, environments, onClose, onDone }: BulkDialogProps) {
  const t = useT();
  const utils = trpc.useUtils();
  // What is asked about does not change under the question.
  const [asked] = useState(environments);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const count = asked.length;
  const stop = kind === 'stop';

  async function confirm() {
    setBusy(true);
    const call = stop ? utils.client.environments.stop : utils.client.environments.delete;
    const results = await Promise.allSettled(asked.map(({ id }) => call.mutate({ id })));
    const failed = results.filter((result) => result.status === 'rejected');
    await utils.environments.list.invalidate();
    void utils.storages.list.invalidate();
    setBusy(false);
    const first = failed[0];
    if (first) {
      setError(t('environments.bulk.failed', { count: failed.length, why: shownError(first.reason).message }));
      return;
    }
    toast.success(t(stop ? 'environments.bulk.stopped' : 'environments.bulk.deleted', { count }));
    onDone();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t(stop ? 'environments.bulk.stopTitle' : 'environments.bulk.deleteTitle', { count })}
      action={t(stop ? 'environments.bulk.stopAction' : 'environments.bulk.deleteAction', { count })}
      look={stop ? 'primary' : 'danger'}
      word={stop ? undefined : t('environments.bulk.word')}
      busy={busy}
      error={error}
      onConfirm={() => void confirm()}
    >
      <p>{t(stop ? 'environments.bulk.stopText' : 'environments.bulk.deleteText')}</p>
      <ul className="mt-3 max-h-60 overflow-y-auto rounded-md border border-line">
        {asked.map((environment) => (
          <li
            key={environment.id}
            className="flex items-center gap-2.5 border-line border-b px-3 py-2 text-ink last:border-b-0"
          >
            <ApplicationIcon name={environment.application.icon} />
            <span className="min-w-0 flex-1 truncate" title={environment.name}>
              {environment.name}
            </span>
            <EnvironmentStatus environment={environment} look="plain" />
          </li>
        ))}
      </ul>
    </ConfirmDialog>
  );
}
