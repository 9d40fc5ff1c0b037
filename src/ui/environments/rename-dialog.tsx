'use client';
/** A new name for an environment. */
import { useState } from 'react';
import { isEnvironmentName } from '../../domain/environment.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Field } from '../primitives/field.tsx';
import { FormDialog } from '../primitives/form-dialog.tsx';
import { Input } from '../primitives/input.tsx';
import type { Environment } from './environment.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';

export function RenameDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const t = useT();
  const { rename } = useEnvironmentActions();
  const [name, setName] = useState(environment.name);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const trimmed = name.trim();

  async function save() {
    if (!isEnvironmentName(trimmed)) return setError(t('environments.nameFault'));
    setBusy(true);
    const failed = trimmed === environment.name ? null : await rename(environment, trimmed);
    setBusy(false);
    if (failed) setError(failed.message);
    else onClose();
  }

  return (
    <FormDialog
      size="sm"
      title={t('environments.renameDialog.title')}
      description={t('environments.renameDialog.text')}
      action={t('environments.rename')}
      busy={busy}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <Field label={t('environments.renameDialog.label')} error={error}>
        <Input
          value={name}
          maxLength={64}
          onFocus={(event) => event.target.select()}
          onChange={(event) => {
            setName(event.target.value);
            setError(null);
          }}
        />
      </Field>
    </FormDialog>
  );
}
