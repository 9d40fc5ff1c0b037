'use client';
/** Whether what one sees is true right now. A state, not an error. */
import { useSyncExternalStore } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from '../primitives/class-names.ts';
import { Tooltip } from '../primitives/tooltip.tsx';

/** `connecting` is the first moment of a page and looks like live: nothing is wrong yet. */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'ended';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function LiveIndicator({ state }: { state: LiveState }) {
  const t = useT();
  const online = useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
  const shown = !online ? 'offline' : state === 'live' || state === 'connecting' ? 'on' : 'reconnecting';
  return (
    <Tooltip text={t(`live.${shown}.hint`)} side="bottom">
      <button
        type="button"
        className={cx(
          'touch inline-flex h-8 cursor-default items-center gap-2 rounded-sm px-2 text-sm',
          shown === 'on' ? 'text-ink-2' : 'text-warning',
        )}
      >
        <span
          aria-hidden
          className={cx(
            'size-2 rounded-full',
            shown === 'on' && 'bg-running',
            shown === 'reconnecting' && 'animate-breathe bg-warning',
            shown === 'offline' && 'border-2 border-warning',
            state === 'connecting' && 'opacity-50',
          )}
        />
        <span role="status" className={cx(shown === 'on' && 'max-lg:sr-only')}>
          {t(`live.${shown}`)}
        </span>
      </button>
    </Tooltip>
  );
}
