'use client';
/** The log of an environment in a viewer: follow, search, colours, download. The viewer is loaded when first needed. */
import { Download } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { EnvironmentId } from '../../domain/ids.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { readWholeLog, useEnvironmentLog } from './use-environment-log.ts';

const LogView = dynamic(async () => (await import('../primitives/log-view.tsx')).LogView, { ssr: false });

interface EnvironmentLogProps {
  id: EnvironmentId;
  generation: number;
  name: string;
  height: string;
}

export function EnvironmentLog({ id, generation, name, height }: EnvironmentLogProps) {
  const t = useT();
  const { log, loading, error, read } = useEnvironmentLog(id, generation);
  if (error && log.lines.length === 0)
    return <FailedQuery error={error} what={t('environments.log.failedWhat')} onRetry={read} />;
  return (
    <div style={{ minHeight: height }}>
      {loading ? (
        <div style={{ height }}>
          <Skeleton className="h-full rounded-lg" />
        </div>
      ) : (
        <LogView
          lines={log.lines}
          height={height}
          empty={t('environments.log.empty')}
          actions={<DownloadLog id={id} name={name} disabled={log.lines.length === 0} />}
        />
      )}
      {log.cut ? <p className="mt-2 text-ink-3 text-sm">{t('environments.log.dropped')}</p> : null}
    </div>
  );
}

function DownloadLog({ id, name, disabled }: { id: EnvironmentId; name: string; disabled: boolean }) {
  const t = useT();
  const { client } = trpc.useUtils();
  const [busy, setBusy] = useState(false);
  async function download() {
    setBusy(true);
    try {
      const url = URL.createObjectURL(new Blob(await readWholeLog(client, id), { type: 'text/plain' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = `${name}.log`;
      link.click();
      URL.revokeObjectURL(url);
    } catch (failed) {
      toast.error(t('environments.log.failedWhat'), { detail: shownError(failed).message });
    }
    setBusy(false);
  }
  return (
    <IconButton
      label={t('environments.log.download')}
      icon={<Download className="icon" aria-hidden />}
      busy={busy}
      disabled={disabled}
      onClick={() => void download()}
    />
  );
}
