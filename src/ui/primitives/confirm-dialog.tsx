'use client';
/** Asks before something is lost. Says exactly what; with `word` the person types it first. Stays open, busy, until done. */
import { type ReactNode, useId, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
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

export function ConfirmDialog({ word, onConfirm, busy = false, ...props }: ConfirmDialogProps) {
  const t = useT();
  const formId = useId();
  const [typed, setTyped] = useState('');
  const allowed = word === undefined || typed === word;
  return (
    <Dialog
      size="sm"
      open={props.open}
      onOpenChange={(open) => {
        if (busy) return;
        setTyped('');
        props.onOpenChange(open);
      }}
      title={props.title}
      footer={
        <>
          <Button disabled={busy} onClick={() => props.onOpenChange(false)}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" form={formId} look={props.look ?? 'danger'} busy={busy} disabled={!allowed}>
            {props.action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (allowed && !busy) onConfirm();
        }}
      >
        <div className="text-ink-2">{props.children}</div>
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
        <div aria-live="polite">{props.error ? <p className="text-failed text-sm">{props.error}</p> : null}</div>
      </form>
    </Dialog>
  );
}
