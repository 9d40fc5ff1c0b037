'use client';
/** A field for text that is not for bystanders: hidden until one asks to see it. Lines stay lines, as private keys need them. */
import { Eye, EyeOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from '../primitives/class-names.ts';
import { Field } from '../primitives/field.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Textarea } from '../primitives/textarea.tsx';

interface SecretTextProps {
  label: string;
  hint?: ReactNode;
  error?: ReactNode;
  value: string;
  autoFocus?: boolean;
  disabled?: boolean;
  onChange: (text: string) => void;
}

export function SecretText({ label, hint, error, value, autoFocus, disabled, onChange }: SecretTextProps) {
  const t = useT();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Field label={label} hint={hint} error={error}>
        <Textarea
          mono
          rows={3}
          autoFocus={autoFocus}
          disabled={disabled}
          className={cx(shown ? null : '[-webkit-text-security:disc]')}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          data-1p-ignore
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </Field>
      <IconButton
        size="sm"
        className="absolute -top-1.5 right-0"
        label={t(shown ? 'secrets.hide' : 'secrets.show')}
        pressed={shown}
        icon={<Icon className="icon" aria-hidden />}
        onClick={() => setShown(!shown)}
      />
    </div>
  );
}
