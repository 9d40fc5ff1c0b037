'use client';
/**
 * Deletes a storage after its name was typed: says what goes, and what can be had back. While environments use it, it says
 * which. How far the removal is stands on the page of the storage and in its row.
 */
import Link from 'next/link';
import { environmentHref } from '../environments/environment.ts';
import { EnvironmentStatus } from '../environments/environment-status.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { SkeletonText } from '../primitives/skeleton.tsx';
import { trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';
import type { Storage } from './storage.ts';

interface DeleteStorageDialogProps {
  storage: Storage;
  onClose: () => void;
  onDeleted?: () => void;
}

export function DeleteStorageDialog(props: DeleteStorageDialogProps) {
  return props.storage.usedBy.length > 0 ? <InUse {...props} /> : <Confirm {...props} />;
}

function InUse({ storage, onClose }: DeleteStorageDialogProps) {
  const t = useT();
  return (
    <Dialog
      open
      size="sm"
      onOpenChange={onClose}
      title={t('storage.delete.title', { name: storage.displayName })}
      description={t('storage.delete.used')}
      footer={<Button onClick={onClose}>{t('action.close')}</Button>}
    >
      <ul className="rounded-md border border-line">
        {storage.usedBy.map(({ id, name, phase }) => (
          <li key={id} className="flex items-center gap-3 border-line border-b px-3 py-2 last:border-b-0">
            <Link
              href={environmentHref(id)}
              title={name}
              className="min-w-0 flex-1 truncate rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
            >
              {name}
            </Link>
            <EnvironmentStatus
              environment={{ phase, desired: phase === 'stopping' ? 'stopped' : 'running' }}
              look="plain"
            />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Confirm({ storage, onClose, onDeleted }: DeleteStorageDialogProps) {
  const t = useT();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();
  const { id, displayName: name } = storage;

  async function confirm() {
    await utils.client.storages.delete.mutate({ id, confirm: name });
    utils.storages.list.setData(undefined, (old) =>
      old?.map((one) => (one.id === id ? { ...one, status: 'deleting' as const, work: null } : one)),
    );
    void utils.storages.list.invalidate();
    onClose();
    onDeleted?.();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('storage.delete.title', { name })}
      action={t('storage.delete.action')}
      word={name}
      busy={busy}
      error={error}
      onConfirm={() => run(confirm)}
    >
      <Loss storage={storage} />
    </ConfirmDialog>
  );
}

/** In the server's own words: only it knows what the store keeps. */
function Loss({ storage }: { storage: Storage }) {
  const t = useT();
  const format = useFormat();
  const { data, isError } = trpc.storages.deletion.useQuery({ id: storage.id }, { staleTime: 0 });
  const { objects, sizeBytes } = data ?? storage;
  return (
    <>
      {objects === null || sizeBytes === null ? null : (
        <p className="mb-2 font-medium text-ink">
          {t('storage.delete.holds', {
            objects: t('storage.delete.files', { count: objects }),
            size: format.bytes(sizeBytes),
          })}
        </p>
      )}
      <div className="min-h-26">
        {data ? (
          <>
            <p>{data.lost}</p>
            <p className="mt-2">{data.recoverable}</p>
          </>
        ) : isError ? (
          <p>{t('storage.delete.losesUnknown')}</p>
        ) : (
          <SkeletonText lines={4} />
        )}
      </div>
    </>
  );
}
