'use client';
/** Label, control, hint and error as one unit; the control inside finds its id and descriptions by `useField()`. */
import { CircleAlert } from 'lucide-react';
import { createContext, type ReactNode, useContext, useId } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

interface FieldContextValue {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}

const FieldContext = createContext<FieldContextValue | null>(null);

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** Says what is wrong and what to do; the control turns invalid. */
  error?: ReactNode;
  optional?: boolean;
  /** For screen readers only: the surroundings already say it. */
  hideLabel?: boolean;
  className?: string;
  children: ReactNode;
}

export function Field({ label, hint, error, optional = false, hideLabel = false, className, children }: FieldProps) {
  const t = useT();
  const id = useId();
  const hintId = `${id}hint`;
  const errorId = `${id}error`;
  const describedBy = [hint && hintId, error && errorId].filter(Boolean).join(' ') || undefined;
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={cx('font-medium text-ink text-sm', hideLabel && 'sr-only')}>
        {label}
        {optional ? <span className="font-normal text-ink-3"> · {t('field.optional')}</span> : null}
      </label>
      <FieldContext value={{ id, describedBy, invalid: Boolean(error) }}>{children}</FieldContext>
      {hint ? (
        <p id={hintId} className="text-ink-3 text-sm">
          {hint}
        </p>
      ) : null}
      <div id={errorId} aria-live="polite">
        {error ? (
          <p className="flex gap-1.5 text-failed text-sm">
            <CircleAlert className="icon mt-0.5" aria-hidden />
            <span>{error}</span>
          </p>
        ) : null}
      </div>
    </div>
  );
}

export interface FieldAttributes {
  id?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

/** Attributes for the control of the surrounding Field; nothing outside of one. */
export function useField(): FieldAttributes {
  const field = useContext(FieldContext);
  if (!field) return {};
  const { id, describedBy, invalid } = field;
  return {
    id,
    ...(describedBy ? { 'aria-describedby': describedBy } : {}),
    ...(invalid ? { 'aria-invalid': true } : {}),
  };
}
