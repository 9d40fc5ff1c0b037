'use client';
/** A new name for an environment. */
import { useId, useState } from 'react';
import { isEnvironmentName } from '../../domain/environment.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import type { Environment } from './environment.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';

export function RenameDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const t = useT();
  const formId = useId();
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
    <Dialog
      open
      size="sm"
      onOpenChange={onClose}
      title={t('environments.renameDialog.title')}
      description={t('environments.renameDialog.text')}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" form={formId} look="primary" busy={busy}>
            {t('environments.rename')}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
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
      </form>
    </Dialog>
  );
}
