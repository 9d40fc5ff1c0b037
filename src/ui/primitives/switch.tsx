'use client';
/** A setting that takes effect at once. What is sent with a form is a Checkbox. */
import { Root, Thumb } from 'radix-ui/switch';
import { type ReactNode, useId } from 'react';
import { cx } from './class-names.ts';

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
  className?: string;
}

export function Switch({ checked, onChange, children, hint, disabled, className }: SwitchProps) {
  const id = useId();
  return (
    <div className={cx('touch flex items-start justify-between gap-4', disabled && 'opacity-60', className)}>
      <label htmlFor={id}>
        {children}
        {hint ? <span className="block text-ink-3 text-sm">{hint}</span> : null}
      </label>
      <Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        className="h-5 w-9 shrink-0 rounded-full border border-control bg-sunken p-px transition-colors duration-100 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Thumb className="block size-4 rounded-full bg-ink-3 transition-transform duration-100 data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-accent" />
      </Root>
    </div>
  );
}
