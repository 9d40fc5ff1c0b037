'use client';
/**
 * A dialog that is one form: fields, Cancel, and the one button that submits, as Enter in a field does. What is wrong with a
 * field stands at the field; `error` is about the whole. For a question without fields there is ConfirmDialog.
 */
import { type ReactNode, useId } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { Dialog } from './dialog.tsx';
import type { DialogProps } from './dialog-props.ts';

interface FormDialogProps extends Pick<DialogProps, 'title' | 'description' | 'size'> {
  /** false: out of sight, such as behind a second question. */
  open?: boolean;
  /** Label of the button: a verb and its object, “Create storage”. */
  action: ReactNode;
  look?: 'primary' | 'danger';
  busy: boolean;
  /** Cannot be left while busy: people must see how it ended. */
  held?: boolean;
  /** false: there is nothing to submit yet. */
  ready?: boolean;
  /** Why the last try failed; null keeps its place. Without one, fields say it. */
  error?: ReactNode;
  /** Another way out, apart from the two buttons. */
  aside?: ReactNode;
  /** The room between fields. */
  className?: string;
  /** Called only when it is ready and not busy. */
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function FormDialog({ open = true, busy, held = false, ready = true, ...props }: FormDialogProps) {
  const t = useT();
  const formId = useId();
  const stays = held && busy;
  return (
    <Dialog
      open={open}
      size={props.size}
      title={props.title}
      description={props.description}
      onOpenChange={() => {
        if (!stays) props.onClose();
      }}
      footer={
        <>
          {props.aside}
          <Button disabled={stays} onClick={props.onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" form={formId} look={props.look ?? 'primary'} busy={busy} disabled={!ready}>
            {props.action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className={cx('flex flex-col', props.className ?? 'gap-5')}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) props.onSubmit();
        }}
      >
        {props.children}
        {props.error === undefined ? null : (
          <div aria-live="polite">{props.error ? <p className="text-failed text-sm">{props.error}</p> : null}</div>
        )}
      </form>
    </Dialog>
  );
}
