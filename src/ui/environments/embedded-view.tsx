'use client';
/** The application itself inside the page: on its own origin, in a frame that fills what is left of the window. */
import { Maximize, RotateCw, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { useUrlState } from '../url-state.ts';
import { type Environment, embedHref } from './environment.ts';

export function EmbeddedView({ environment }: { environment: Environment }) {
  const t = useT();
  const { set } = useUrlState();
  const [round, setRound] = useState(0);
  const frame = useRef<HTMLIFrameElement>(null);
  const { id, name, url, generation } = environment;
  return (
    <section
      aria-label={t('environments.view.title')}
      className="flex h-[calc(100dvh-202px)] min-h-80 flex-col overflow-hidden rounded-lg border border-line bg-surface max-md:h-[calc(100dvh-336px)]"
    >
      <div className="flex items-center gap-1 border-line border-b py-1 pr-1 pl-3">
        <span className="min-w-0 flex-1 truncate font-mono text-ink-3 text-xs">{url}</span>
        <IconButton
          size="sm"
          label={t('environments.view.reload')}
          icon={<RotateCw className="icon" aria-hidden />}
          onClick={() => setRound(round + 1)}
        />
        <IconButton
          size="sm"
          label={t('environments.view.fullscreen')}
          icon={<Maximize className="icon" aria-hidden />}
          onClick={() => void frame.current?.requestFullscreen().then(() => frame.current?.focus())}
        />
        <IconButton
          size="sm"
          label={t('environments.view.hide')}
          icon={<X className="icon" aria-hidden />}
          onClick={() => set({ embed: null })}
        />
      </div>
      <iframe
        // A new run is another application: load it, do not keep the page of the old one.
        key={`${generation}.${round}`}
        ref={frame}
        src={embedHref(id)}
        title={t('environments.view.frame', { name })}
        allow="clipboard-read; clipboard-write; fullscreen"
        className="min-h-0 w-full flex-1 border-0 bg-surface"
        onLoad={() => {
          // It must not close a menu or take the focus from a field that somebody turned to meanwhile.
          if (document.activeElement === document.body) frame.current?.focus();
        }}
      />
    </section>
  );
}
