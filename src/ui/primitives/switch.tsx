'use client';
/** A setting that takes effect at once. What is sent with a form is a Checkbox. */
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
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="relative h-5 w-9 shrink-0 appearance-none rounded-full border border-control bg-sunken transition-colors duration-100 before:absolute before:top-px before:left-px before:size-4 before:rounded-full before:bg-ink-3 before:transition-transform before:duration-100 checked:border-accent checked:bg-accent checked:before:translate-x-4 checked:before:bg-on-accent"
      />
    </div>
  );
}
