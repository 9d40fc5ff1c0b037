'use client';
/** A short hint on hover and focus. Never the only place of a fact: touch screens do not show it. */
import { Content, Portal, Root, Trigger } from 'radix-ui/tooltip';
import { type ReactElement, type ReactNode, useState } from 'react';
import { Kbd } from './kbd.tsx';

interface TooltipProps {
  text: ReactNode;
  keys?: string | undefined;
  side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref and can be focused or hovered. */
  children: ReactElement;
  /** Closed for good, e.g. while a menu of the same trigger is open. */
  disabled?: boolean;
}

export function Tooltip({ text, keys, side = 'top', children, disabled = false }: TooltipProps) {
  const [open, setOpen] = useState(false);
  return (
    <Root open={open && !disabled} onOpenChange={setOpen}>
      <Trigger asChild>{children}</Trigger>
      <Portal>
        <Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-72 animate-fade items-center gap-2 rounded-sm bg-raised px-2 py-1 text-ink text-xs shadow-float"
        >
          {text}
          {keys ? <Kbd keys={keys} /> : null}
        </Content>
      </Portal>
    </Root>
  );
}
