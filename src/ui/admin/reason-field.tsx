'use client';
/** Why something is done: part of each change that bites. */
import { useT } from '../messages/messages-provider.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';

/** As the server takes it (api/schemas/person). */
export function isReason(text: string): boolean {
  const { length } = text.trim();
  return length >= 3 && length <= 500;
}

interface ReasonFieldProps {
  value: string;
  onChange: (value: string) => void;
  /** Shows that it is missing. */
  fault: boolean;
}

export function ReasonField({ value, onChange, fault }: ReasonFieldProps) {
  const t = useT();
  return (
    <Field
      label={t('adminUsers.reason')}
      hint={fault ? undefined : t('adminUsers.reason.hint')}
      error={fault ? t('adminUsers.reason.fault') : undefined}
    >
      <Input value={value} maxLength={500} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
