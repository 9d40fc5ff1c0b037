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
 * that it is read from its title, and on to the field once that is loaded; when it closes, back to where it came from. Spread
 * the result on the Content.
 * @param asks false: it shows more than it asks, and the focus stays on the frame
 */
export function useDialogFocus(asks = true): {
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
      const field = asks ? firstField(frame) : null;
      (field ?? frame).focus();
      if (asks && !field) focusWhenLoaded(frame);
    },
    onCloseAutoFocus(event) {
      event.preventDefault();
      const target = origin.current?.isConnected ? origin.current : document.getElementById('content');
      target?.focus({ preventScroll: true });
    },
  };
}

const firstField = (frame: HTMLElement): HTMLElement | null =>
  frame.querySelector('input:not(:disabled),textarea:not(:disabled),select:not(:disabled)');

/** Until the person moves the focus: a form that is loaded later must not pull it from where they are. */
function focusWhenLoaded(frame: HTMLElement): void {
  const observer = new MutationObserver(() => {
    const field = firstField(frame);
    const resting = document.activeElement === frame;
    if (field && resting) field.focus();
    if (field || !resting) observer.disconnect();
  });
  observer.observe(frame, { childList: true, subtree: true });
}

/** A menu is gone by the time the dialog closes; its trigger is not. */
function lasting(element: HTMLElement): HTMLElement {
  const trigger = element.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  return (trigger && document.getElementById(trigger)) || element;
}
