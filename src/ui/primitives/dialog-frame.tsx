'use client';
/** What dialogs and drawers share: the close button and where the focus goes first. */
import { X } from 'lucide-react';
import { Close } from 'radix-ui/dialog';
import { useRef } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { iconButtonClass } from './button-look.ts';

/** Without a tooltip: the first Escape would close that instead of the dialog. */
export function CloseButton() {
  const t = useT();
  return (
    <Close aria-label={t('action.close')} className={iconButtonClass({}, '-mr-2')}>
      <X className="icon" aria-hidden />
    </Close>
  );
}

/**
 * Focus of a dialog that is opened by state: first to its first field (or what asked for focus itself), else to the dialog, so
 * that it is read from its title; when it closes, back to where it came from. Spread the result on the Content.
 */
export function useDialogFocus(): {
  onOpenAutoFocus: (event: Event) => void;
  onCloseAutoFocus: (event: Event) => void;
} {
  const origin = useRef<HTMLElement | null>(null);
  return {
    onOpenAutoFocus(event) {
      const frame = event.currentTarget;
      if (!(frame instanceof HTMLElement)) return;
      event.preventDefault();
      const active = document.activeElement;
      if (frame.contains(active)) return;
      origin.current = active instanceof HTMLElement ? lasting(active) : null;
      const field = frame.querySelector<HTMLElement>(
        'input:not(:disabled),textarea:not(:disabled),select:not(:disabled)',
      );
      (field ?? frame).focus();
    },
    onCloseAutoFocus(event) {
      event.preventDefault();
      const target = origin.current?.isConnected ? origin.current : document.getElementById('content');
      target?.focus({ preventScroll: true });
    },
  };
}

/** A menu is gone by the time the dialog closes; its trigger is not. */
function lasting(element: HTMLElement): HTMLElement {
  const trigger = element.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  return (trigger && document.getElementById(trigger)) || element;
}
