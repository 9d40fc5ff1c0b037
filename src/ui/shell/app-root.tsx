'use client';
/** What every page needs, signed in or not: language, tooltips, toasts, and whether this is an Apple keyboard. */
import { type ReactNode, useEffect } from 'react';
import type { Language } from '../messages/create-translator.ts';
import { MessagesProvider } from '../messages/messages-provider.tsx';
import { ToastHost } from '../primitives/toast-host.tsx';
import { TooltipLayer } from '../primitives/tooltip-layer.tsx';

export function AppRoot({ spoken, children }: { spoken: Language; children: ReactNode }) {
  useEffect(() => {
    if (/Mac|iPhone|iPad/.test(navigator.platform)) document.documentElement.dataset.apple = '';
  }, []);
  return (
    <MessagesProvider spoken={spoken}>
      {children}
      <TooltipLayer />
      <ToastHost />
    </MessagesProvider>
  );
}
