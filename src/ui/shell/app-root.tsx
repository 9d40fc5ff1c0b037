'use client';
/** What every page needs, signed in or not: language, tooltips, toasts, and whether this is an Apple keyboard. */
import dynamic from 'next/dynamic';
import { Provider as TooltipProvider } from 'radix-ui/tooltip';
import { type ReactNode, useEffect } from 'react';
import { MessagesProvider } from '../messages/messages-provider.tsx';

const Toaster = dynamic(async () => (await import('../primitives/toaster.tsx')).Toaster, { ssr: false });

export function AppRoot({ locale, children }: { locale: string; children: ReactNode }) {
  useEffect(() => {
    if (/Mac|iPhone|iPad/.test(navigator.platform)) document.documentElement.dataset.apple = '';
  }, []);
  return (
    <MessagesProvider locale={locale}>
      <TooltipProvider delayDuration={400} skipDelayDuration={200}>
        {children}
      </TooltipProvider>
      <Toaster />
    </MessagesProvider>
  );
}
