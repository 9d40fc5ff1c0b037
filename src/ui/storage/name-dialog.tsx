'use client';
/** Asks for one name: of a new storage, a folder, a renamed file. Stays open, with the reason, when it is refused. */
import { type ReactNode, useState } from 'react';
import { Field } from '../primitives/field.tsx';
import { FormDialog } from '../primitives/form-dialog.tsx';
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
    <FormDialog
      size="sm"
      title={title}
      description={description}
      action={action}
      busy={busy}
      onSubmit={() => void save()}
      onClose={onClose}
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
    </FormDialog>
  );
}
