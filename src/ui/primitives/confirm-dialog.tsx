'use client';
/** Asks before something is lost. Says exactly what; with `word` the person types it first. Stays open, busy, until done. */
import { type ReactNode, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Field } from './field.tsx';
import { FormDialog } from './form-dialog.tsx';
import { Input } from './input.tsx';

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** What exactly will be lost, and what stays. */
  children: ReactNode;
  /** Label of the button: a verb and its object, “Delete environment”. */
  action: string;
  /** Must be typed before the button works: the thing's name. */
  word?: string;
  /** `danger` (default) loses something; `primary` only interrupts. */
  look?: 'danger' | 'primary';
  busy?: boolean;
  /** Why the last try failed. */
  error?: ReactNode;
  onConfirm: () => void;
}

export function ConfirmDialog({ word, onOpenChange, onConfirm, children, ...props }: ConfirmDialogProps) {
  const t = useT();
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      held
      size="sm"
      open={props.open}
      title={props.title}
      action={props.action}
      look={props.look ?? 'danger'}
      busy={props.busy ?? false}
      ready={word === undefined || typed === word}
      error={props.error ?? null}
      className="gap-4"
      onSubmit={onConfirm}
      onClose={() => {
        setTyped('');
        onOpenChange(false);
      }}
    >
      <div className="text-ink-2">{children}</div>
      {word === undefined ? null : (
        <Field label={t('confirm.type', { word: `“${word}”` })}>
          <Input
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
      )}
    </FormDialog>
  );
}
