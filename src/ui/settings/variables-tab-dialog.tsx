'use client';
/** Sets one variable, new or known, and deletes one. */
import { useState } from 'react';
import { variableFault } from '../../domain/secrets.ts';
import { useT } from '../messages/messages-provider.tsx';
import { ConfirmDialog } from '../primitives/confirm-dialog.tsx';
import { Field } from '../primitives/field.tsx';
import { FormDialog } from '../primitives/form-dialog.tsx';
import { Input } from '../primitives/input.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';
import { SecretText } from './secret-text.tsx';

/** `name`: the known one that gets another value; null = a new one. */
export function VariableDialog({ name: known, onClose }: { name: string | null; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const [name, setName] = useState(known ?? '');
  const [value, setValue] = useState('');
  const [fault, setFault] = useState<{ at: 'name' | 'value'; text: string } | null>(null);
  const set = trpc.secrets.variables.set.useMutation({
    onSuccess: (after) => {
      utils.secrets.variables.list.setData(undefined, after);
      void utils.secrets.outdated.invalidate();
      toast.success(t('secrets.variables.saved', { name: name.trim() }));
      onClose();
    },
    onError: (failed) => setFault({ at: 'value', text: shownError(failed).message }),
  });

  function save() {
    const wrong = variableFault(name.trim(), value);
    if (!wrong) return set.mutate({ variables: [{ name: name.trim(), value }] });
    const at = wrong === 'invalid' || wrong === 'reserved' ? 'name' : 'value';
    setFault({ at, text: t(`secrets.fault.${wrong}`) });
  }

  return (
    <FormDialog
      title={known === null ? t('secrets.variables.addTitle') : t('secrets.variables.replaceTitle', { name: known })}
      description={t('secrets.variables.dialogText')}
      action={t('secrets.variables.save')}
      busy={set.isPending}
      onSubmit={save}
      onClose={onClose}
    >
      {known === null ? (
        <Field label={t('secrets.variables.name')} error={fault?.at === 'name' ? fault.text : null}>
          <Input
            mono
            value={name}
            maxLength={200}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            onChange={(event) => {
              setName(event.target.value);
              setFault(null);
            }}
          />
        </Field>
      ) : null}
      <SecretText
        label={t('secrets.variables.value')}
        autoFocus={known !== null}
        error={fault?.at === 'value' ? fault.text : null}
        value={value}
        onChange={(text) => {
          setValue(text);
          setFault(null);
        }}
      />
    </FormDialog>
  );
}

export function DeleteVariableDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { busy, error, run } = useAttempt();

  async function remove() {
    await utils.client.secrets.variables.delete.mutate({ name });
    utils.secrets.variables.list.setData(undefined, (old) => old?.filter((one) => one.name !== name));
    void utils.secrets.outdated.invalidate();
    toast.success(t('secrets.variables.deleted', { name }));
    onClose();
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={t('secrets.variables.deleteTitle', { name })}
      action={t('secrets.variables.deleteAction')}
      busy={busy}
      error={error}
      onConfirm={() => run(remove)}
    >
      {t('secrets.variables.deleteText')}
    </ConfirmDialog>
  );
}
