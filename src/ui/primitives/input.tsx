'use client';
/** One line of text. Inside a Field it is labelled by it; `lead` and `trail` sit inside the frame (icon, unit, clear button). */
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './class-names.ts';
import { CONTROL, CONTROL_HEIGHT } from './control-look.ts';
import { useField } from './field.tsx';

interface InputProps extends ComponentProps<'input'> {
  lead?: ReactNode;
  trail?: ReactNode;
  /** Ids, paths, commands. */
  mono?: boolean;
}

export function Input({ lead, trail, mono = false, className, type = 'text', ...rest }: InputProps) {
  const field = useField();
  const look = cx(CONTROL, CONTROL_HEIGHT, mono && 'font-mono');
  if (!lead && !trail) return <input type={type} className={cx(look, className)} {...field} {...rest} />;
  return (
    <span className={cx('relative flex items-center', className)}>
      {lead ? <span className="pointer-events-none absolute left-2.5 flex text-ink-3">{lead}</span> : null}
      <input type={type} className={cx(look, lead ? 'pl-8' : null, trail ? 'pr-9' : null)} {...field} {...rest} />
      {trail ? <span className="absolute right-1 flex items-center text-ink-3 text-sm">{trail}</span> : null}
    </span>
  );
}
