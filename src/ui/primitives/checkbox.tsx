'use client';
/** On, off or partly. A native input: forms, keyboards and screen readers know it. */
import { Check, Minus } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from './class-names.ts';
import { useField } from './field.tsx';

interface CheckboxProps {
  checked: boolean | 'mixed';
  onChange: (checked: boolean) => void;
  /** Visible label; without it `name` must be given. */
  children?: ReactNode;
  /** Accessible name of a box without a visible label. */
  label?: string;
  hint?: ReactNode;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({ checked, onChange, children, label, hint, disabled, className }: CheckboxProps) {
  const field = useField();
  const input = useRef<HTMLInputElement>(null);
  const mixed = checked === 'mixed';
  useEffect(() => {
    if (input.current) input.current.indeterminate = mixed;
  }, [mixed]);
  return (
    <label
      className={cx(
        'touch inline-flex gap-2 align-middle',
        children ? 'items-start' : 'items-center',
        disabled && 'opacity-60',
        className,
      )}
    >
      <span className={cx('relative flex size-4 shrink-0 items-center justify-center', Boolean(children) && 'mt-0.5')}>
        <input
          {...field}
          ref={input}
          type="checkbox"
          aria-label={children ? undefined : label}
          checked={checked === true}
          disabled={disabled}
          onChange={(event) => onChange(event.target.checked)}
          className="peer absolute inset-0 size-4 appearance-none rounded-[4px] border border-control bg-surface checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent hover:border-ink-3"
        />
        {mixed ? (
          <Minus className="pointer-events-none relative size-3 stroke-3 text-on-accent" aria-hidden />
        ) : (
          <Check
            className="pointer-events-none relative hidden size-3 stroke-3 text-on-accent peer-checked:block"
            aria-hidden
          />
        )}
      </span>
      {children ? (
        <span>
          {children}
          {hint ? <span className="block text-ink-3 text-sm">{hint}</span> : null}
        </span>
      ) : null}
    </label>
  );
}
