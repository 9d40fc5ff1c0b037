'use client';
/** What can be done to all selected environments at once; appears with the first selected row. */
import { Square, Trash2, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import type { Environment } from './environment.ts';
import { canCancel, canStop } from './environment-state.ts';

const BulkDialog = dynamic(async () => (await import('./bulk-dialog.tsx')).BulkDialog, { ssr: false });

interface BulkBarProps {
  environments: readonly Environment[];
  onClear: () => void;
}

export function BulkBar({ environments, onClear }: BulkBarProps) {
  const t = useT();
  const [asked, setAsked] = useState<'stop' | 'delete' | null>(null);
  const live = environments.filter((one) => canStop(one) || canCancel(one));
  if (environments.length === 0) return null;
  return (
    <section
      aria-label={t('environments.selection')}
      className="sticky bottom-[calc(68px+env(safe-area-inset-bottom))] z-20 mx-auto flex animate-pop items-center gap-2 rounded-lg bg-raised py-2 pr-2 pl-4 shadow-float md:bottom-4"
    >
      <span role="status" className="nums mr-4 font-medium">
        {t('environments.selected', { count: environments.length })}
      </span>
      <Button
        disabled={live.length === 0}
        icon={<Square className="icon scale-90" aria-hidden />}
        onClick={() => setAsked('stop')}
      >
        {t('environments.bulk.stop')}
      </Button>
      <Button icon={<Trash2 className="icon" aria-hidden />} onClick={() => setAsked('delete')}>
        {t('environments.bulk.delete')}
      </Button>
      <IconButton
        label={t('environments.clearSelection')}
        icon={<X className="icon" aria-hidden />}
        onClick={onClear}
      />
      {asked ? (
        <BulkDialog
          kind={asked}
          environments={asked === 'stop' ? live : environments}
          onClose={() => setAsked(null)}
          onDone={() => {
            setAsked(null);
            onClear();
          }}
        />
      ) : null}
    </section>
  );
}
