'use client';
/** The frame of a change to tiers: fields, the reason, and the ways out: save, go back to the configuration, leave. */
import type { ReactNode } from 'react';
import { Button } from '../../primitives/button.tsx';
import { FormDialog } from '../../primitives/form-dialog.tsx';
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
  return (
    <FormDialog
      held
      title={title}
      description={description}
      action={action}
      busy={change.busy}
      ready={changed}
      aside={
        reset ? (
          <Button look="quiet" className="mr-auto" disabled={change.busy} onClick={reset.run}>
            {reset.label}
          </Button>
        ) : null
      }
      className="gap-4"
      onSubmit={onSubmit}
      onClose={onClose}
    >
      {children}
      <ReasonField value={change.reason} fault={change.reasonMissing} onChange={change.setReason} />
      <div aria-live="polite" className="empty:hidden">
        {change.error ? <p className="text-failed text-sm">{change.error}</p> : null}
      </div>
    </FormDialog>
  );
}
