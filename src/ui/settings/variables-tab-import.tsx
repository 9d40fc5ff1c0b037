'use client';
/** Takes a whole `.env` file, read as it is typed: what would be set, and on which line something is wrong. */
import { useMemo, useState } from 'react';
import { parseEnvFile } from '../../domain/secrets.ts';
import { useT } from '../messages/messages-provider.tsx';
import { FormDialog } from '../primitives/form-dialog.tsx';
import { toast } from '../primitives/toast.ts';
import { trpc } from '../trpc-client.tsx';
import { useAttempt } from '../use-attempt.ts';
import { SecretText } from './secret-text.tsx';

const MOST_FAULTS = 5;

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const utils = trpc.useUtils();
  const [text, setText] = useState('');
  const { busy, error, clearError, run } = useAttempt();
  const { variables, faults } = useMemo(() => parseEnvFile(text), [text]);
  const ready = variables.length > 0 && faults.length === 0;

  async function save() {
    const after = await utils.client.secrets.variables.set.mutate({ variables });
    utils.secrets.variables.list.setData(undefined, after);
    void utils.secrets.outdated.invalidate();
    toast.success(t('secrets.variables.savedMany', { count: variables.length }));
    onClose();
  }

  return (
    <FormDialog
      title={t('secrets.import.title')}
      description={t('secrets.import.text')}
      action={t('secrets.import.save')}
      busy={busy}
      ready={ready}
      className="gap-3"
      onSubmit={() => run(save)}
      onClose={onClose}
    >
      <SecretText
        autoFocus
        label={t('secrets.import.label')}
        error={error}
        value={text}
        onChange={(next) => {
          setText(next);
          clearError();
        }}
      />
      <div aria-live="polite" className="text-sm">
        {faults.slice(0, MOST_FAULTS).map(({ line, fault }) => (
          <p key={line} className="text-failed">
            {t('secrets.import.line', { line, fault: t(`secrets.fault.${fault}`) })}
          </p>
        ))}
        {ready ? (
          <p className="break-words text-ink-2">
            {t('secrets.import.found', {
              count: variables.length,
              names: variables.map(({ name }) => name).join(', '),
            })}
          </p>
        ) : null}
      </div>
    </FormDialog>
  );
}
