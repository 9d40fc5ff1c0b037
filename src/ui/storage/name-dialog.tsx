'use client';
/** Asks for one name: of a new storage, a folder, a renamed file. Stays open, with the reason, when it is refused. */
import { type ReactNode, useId, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { shownError } from '../trpc-client.tsx';

interface NameDialogProps {
  title: string;
  description?: ReactNode;
  label: string;
  action: string;
  initial?: string;
  placeholder?: string;
  maxLength?: number;
  /** How much of the initial name is selected: a file's name without its extension. */
  selectTo?: number;
  /** Why the name cannot be; null when it can. */
  fault: (name: string) => string | null;
  /** Said when the server refuses because the name is in use; default: the server's own words. */
  taken?: string;
  /** Rejects when the server refuses. */
  onSave: (name: string) => Promise<unknown>;
  onClose: () => void;
}

export function NameDialog(props: NameDialogProps) {
  const { title, description, label, action, initial = '', placeholder, maxLength, selectTo, onClose } = props;
  const t = useT();
  const formId = useId();
  const [name, setName] = useState(initial);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function save() {
    const next = name.trim();
    if (initial !== '' && next === initial) return onClose();
    const fault = props.fault(next);
    if (fault) return setError(fault);
    setBusy(true);
    try {
      await props.onSave(next);
      onClose();
    } catch (failed) {
      const { code, message } = shownError(failed);
      const inUse = code === 'conflict' || code === 'already_exists';
      setError(inUse ? (props.taken ?? message) : message);
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      size="sm"
      onOpenChange={onClose}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" form={formId} look="primary" busy={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void save();
        }}
      >
        <Field label={label} error={error}>
          <Input
            value={name}
            maxLength={maxLength}
            placeholder={placeholder}
            autoComplete="off"
            spellCheck={false}
            onFocus={(event) => event.target.setSelectionRange(0, selectTo ?? event.target.value.length)}
            onChange={(event) => {
              setName(event.target.value);
              setError(null);
            }}
          />
        </Field>
      </form>
    </Dialog>
  );
}
