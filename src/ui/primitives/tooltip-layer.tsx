'use client';
/** Shows the tooltip of the element under the pointer or with keyboard focus. Mounted once by the app root. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Kbd } from './kbd.tsx';
import { placeTooltip } from './tooltip-place.ts';

const OPEN_AFTER_MS = 400;
/** Time to move from the element onto the hint, which stays while the pointer rests on it (WCAG 1.4.13). */
const CLOSE_AFTER_MS = 120;

interface Shown {
  target: HTMLElement;
  text: string;
  keys: string | undefined;
}

function tipOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
}

export function TooltipLayer() {
  const [shown, setShown] = useState<Shown | null>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (ms: number, next: () => void) => {
      clearTimeout(timer);
      timer = setTimeout(next, ms);
    };
    const show = (target: HTMLElement) =>
      setShown({ target, text: target.dataset.tip ?? '', keys: target.dataset.tipKeys });
    const hide = () => {
      clearTimeout(timer);
      setShown(null);
    };
    const over = (event: PointerEvent) => {
      if (event.pointerType === 'touch') return;
      const target = tipOf(event.target);
      if (target) later(OPEN_AFTER_MS, () => show(target));
      else if (event.target instanceof Node && box.current?.contains(event.target)) clearTimeout(timer);
      else later(CLOSE_AFTER_MS, () => setShown(null));
    };
    const focus = (event: FocusEvent) => {
      const target = tipOf(event.target);
      if (target?.matches(':focus-visible')) later(OPEN_AFTER_MS, () => show(target));
    };
    // Seen before the dialog below it: only the hint is closed by Escape, and the key goes on.
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape' || event.key === 'Enter' || event.key === ' ') hide();
    };
    document.addEventListener('pointerover', over);
    document.addEventListener('focusin', focus);
    document.addEventListener('focusout', hide);
    document.addEventListener('pointerdown', hide);
    document.addEventListener('keydown', key, true);
    document.addEventListener('scroll', hide, true);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('pointerover', over);
      document.removeEventListener('focusin', focus);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('pointerdown', hide);
      document.removeEventListener('keydown', key, true);
      document.removeEventListener('scroll', hide, true);
    };
  }, []);

  useLayoutEffect(() => {
    if (!shown || !box.current) return;
    const side = shown.target.dataset.tipSide ?? 'top';
    const { left, top } = placeTooltip(shown.target.getBoundingClientRect(), box.current.getBoundingClientRect(), {
      side,
      width: window.innerWidth,
      height: window.innerHeight,
    });
    box.current.style.transform = `translate(${left}px, ${top}px)`;
  }, [shown]);

  if (!shown?.target.isConnected) return null;
  return (
    <div
      ref={box}
      role="tooltip"
      className="fixed top-0 left-0 z-50 flex w-max max-w-72 items-center gap-2 rounded-sm bg-raised px-2 py-1 text-ink text-xs shadow-float"
    >
      {shown.text}
      {shown.keys ? <Kbd keys={shown.keys} /> : null}
    </div>
  );
}
