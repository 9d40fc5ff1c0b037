'use client';
/** Several lines of text; grows with its content up to twelve lines where the browser can. */
import type { ComponentProps } from 'react';
import { cx } from './class-names.ts';
import { CONTROL } from './control-look.ts';
import { useField } from './field.tsx';

interface TextareaProps extends ComponentProps<'textarea'> {
  mono?: boolean;
}

export function Textarea({ mono = false, className, rows = 3, ...rest }: TextareaProps) {
  const field = useField();
  return (
    <textarea
      rows={rows}
      className={cx(CONTROL, 'field-sizing-content max-h-64 min-h-16 resize-y py-1.5', mono && 'font-mono', className)}
      {...field}
      {...rest}
    />
  );
}
