'use client';
/** Whether the files of a synced workspace are in its storage. */
import { CloudAlert, CloudCheck, CloudUpload } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import type { Environment } from './environment.ts';

type Sync = NonNullable<Environment['sync']>;

export function WorkspaceSaved({ sync, detailed = false }: { sync: Sync; detailed?: boolean }) {
  const t = useT();
  const { phase, pendingFiles, problem, conflicts, skipped, restored } = sync;
  if (phase === 'restoring') {
    return (
      <Line icon={<CloudUpload aria-hidden className="rotate-180" />}>
        {t('environments.sync.restoring', { files: restored.files, of: restored.of })}
        {problem ? <Note>{problem}</Note> : null}
      </Line>
    );
  }
  // Stopped before its first look: there is nothing to say but why.
  if (sync.checkedAt === null) return problem ? <Line icon={<CloudAlert aria-hidden />}>{problem}</Line> : null;
  if (pendingFiles === 0) {
    return (
      <Line icon={<CloudCheck aria-hidden />}>
        {t('environments.sync.saved')}
        {detailed && conflicts > 0 ? <Note>{t('environments.sync.conflicts', { count: conflicts })}</Note> : null}
        {detailed && skipped > 0 ? <Note>{t('environments.sync.skipped', { count: skipped })}</Note> : null}
      </Line>
    );
  }
  return (
    <Line icon={problem ? <CloudAlert aria-hidden /> : <CloudUpload aria-hidden />}>
      {phase === 'ended'
        ? t('environments.sync.unsaved', { count: pendingFiles })
        : t('environments.sync.pending', { count: pendingFiles })}
      {detailed ? sync.pendingPaths.map((path) => <Note key={path}>{path}</Note>) : null}
      {problem ? <Note>{problem}</Note> : null}
    </Line>
  );
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <span className="flex min-w-0 items-start gap-1.5 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0">
      {icon}
      <span className="min-w-0 break-words">{children}</span>
    </span>
  );
}

function Note({ children }: { children: ReactNode }) {
  return <span className="block break-words text-ink-3 text-sm">{children}</span>;
}
