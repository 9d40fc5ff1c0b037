'use client';
/** A button that is only an icon. Its label is its accessible name and its tooltip. */
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { type ButtonLook, iconButtonClass } from './button-look.ts';
import { Tooltip } from './tooltip.tsx';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'>, Omit<ButtonLook, 'wide'> {
  label: string;
  icon: ReactNode;
  busy?: boolean;
  /** A toggle: announces on and off. */
  pressed?: boolean;
  /** Shown in the tooltip after the label. */
  keys?: string;
}

export function IconButton({
  label,
  icon,
  look,
  size,
  busy = false,
  pressed,
  keys,
  className,
  onClick,
  ...rest
}: IconButtonProps) {
  const on = pressed ? 'bg-accent-soft text-accent-ink' : undefined;
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        aria-busy={busy || undefined}
        aria-disabled={busy || undefined}
        className={iconButtonClass({ look, size }, [on, className].filter(Boolean).join(' '))}
        onClick={busy ? (event) => event.preventDefault() : onClick}
        {...rest}
      >
        {busy ? <LoaderCircle className="icon animate-spin" aria-hidden /> : icon}
      </button>
    </Tooltip>
  );
}
