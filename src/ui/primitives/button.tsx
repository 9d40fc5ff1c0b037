'use client';
/** Buttons. One `primary` a screen; `danger` only inside the dialog that says what will be lost. */
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { type ButtonLook, buttonClass } from './button-look.ts';

interface ButtonProps extends ComponentProps<'button'>, ButtonLook {
  /** Before the label: a 16 px icon. */
  icon?: ReactNode;
  /** Work is under way: keeps its width, cannot be pressed again, stays focusable. */
  busy?: boolean;
}

export function Button({
  look,
  size,
  wide,
  icon,
  busy = false,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={buttonClass({ look, size, wide }, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {busy ? <LoaderCircle className="icon animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}
