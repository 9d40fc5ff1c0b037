'use client';
/** The frame of a change to tiers: fields, the reason, and the ways out: save, go back to the configuration, leave. */
import { type ReactNode, useId } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Dialog } from '../../primitives/dialog.tsx';
import { ReasonField } from '../reason-field.tsx';
import type { TierChange } from './use-tier-change.ts';

interface ChangeDialogProps {
  title: string;
  description: string;
  change: TierChange;
  action: string;
  /** Whether there is something to save. */
  changed: boolean;
  /** null: nothing is set here that could be taken back. */
  reset: { label: string; run: () => void } | null;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function ChangeDialog(props: ChangeDialogProps) {
  const { title, description, change, action, changed, reset, onSubmit, onClose, children } = props;
  const t = useT();
  const formId = useId();
  return (
    <Dialog
      open
      onOpenChange={() => {
        if (!change.busy) onClose();
      }}
      title={title}
      description={description}
      footer={
        <>
          {reset ? (
            <Button look="quiet" className="mr-auto" disabled={change.busy} onClick={reset.run}>
              {reset.label}
            </Button>
          ) : null}
          <Button disabled={change.busy} onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" form={formId} look="primary" busy={change.busy} disabled={!changed}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (changed) onSubmit();
        }}
      >
        {children}
        <ReasonField value={change.reason} fault={change.reasonMissing} onChange={change.setReason} />
        <div aria-live="polite" className="empty:hidden">
          {change.error ? <p className="text-failed text-sm">{change.error}</p> : null}
        </div>
      </form>
    </Dialog>
  );
}
