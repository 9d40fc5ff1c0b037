'use client';
/** Extra environment variables, one row each; a name that the server would refuse says so at once. */
import { Plus, X } from 'lucide-react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Input } from '../primitives/input.tsx';
import { MAX_VARIABLE_BYTES, type Variable, variableBytes } from './launch-draft.ts';
import type { LaunchForm } from './use-launch-form.ts';

const MAX_VARIABLES = 100;

export function LaunchVariables({ form }: { form: LaunchForm }) {
  const t = useT();
  const format = useFormat();
  const { draft, update, faults } = form;
  const rows = draft.variables;
  const change = (id: number, part: Partial<Variable>) =>
    update({ variables: rows.map((row) => (row.id === id ? { ...row, ...part } : row)) });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium text-sm">{t('launch.variables')}</legend>
      {rows.map((row) => {
        const fault = row.name === '' ? undefined : faults.variables.get(row.id);
        return (
          <div key={row.id} className="flex flex-col gap-1">
            <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-2">
              <Input
                mono
                autoFocus={row.name === '' && row.value === ''}
                aria-label={t('launch.variable.name')}
                placeholder={t('launch.variable.name')}
                aria-invalid={fault ? true : undefined}
                value={row.name}
                maxLength={128}
                spellCheck={false}
                autoCapitalize="off"
                autoComplete="off"
                onChange={(event) => change(row.id, { name: event.target.value })}
              />
              <Input
                mono
                aria-label={t('launch.variable.value')}
                placeholder={t('launch.variable.value')}
                value={row.value}
                spellCheck={false}
                autoCapitalize="off"
                autoComplete="off"
                onChange={(event) => change(row.id, { value: event.target.value })}
              />
              <IconButton
                label={t('launch.variable.remove', { name: row.name })}
                icon={<X className="icon" aria-hidden />}
                onClick={() => update({ variables: rows.filter(({ id }) => id !== row.id) })}
              />
            </div>
            <p role="status" className="text-failed text-sm empty:hidden">
              {fault ? t(`launch.variable.${fault}`) : null}
            </p>
          </div>
        );
      })}
      {faults.variablesTooLarge ? (
        <p className="text-failed text-sm">
          {t('launch.variable.tooLarge', {
            size: format.bytes(variableBytes(rows)),
            max: format.bytes(MAX_VARIABLE_BYTES),
          })}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button
          size="sm"
          disabled={rows.length >= MAX_VARIABLES}
          icon={<Plus className="icon" aria-hidden />}
          onClick={() =>
            update({ variables: [...rows, { id: Math.max(-1, ...rows.map(({ id }) => id)) + 1, name: '', value: '' }] })
          }
        >
          {t('launch.variable.add')}
        </Button>
        <span className="text-ink-3 text-sm">{t('launch.variablesHint')}</span>
      </div>
    </fieldset>
  );
}
