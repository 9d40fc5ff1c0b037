'use client';
/** The five limits as fields. */
import { RotateCcw } from 'lucide-react';
import { LIMIT_NAMES, type LimitName, type Limits } from '../../../domain/quota.ts';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Checkbox } from '../../primitives/checkbox.tsx';
import { Field } from '../../primitives/field.tsx';
import { IconButton } from '../../primitives/icon-button.tsx';
import { Input } from '../../primitives/input.tsx';
import { LIMIT_UNITS, type LimitsDraft, tierValue } from './limits-draft.ts';

const LABELS = {
  environments: 'adminUsers.limits.environments',
  cpuMillicores: 'adminUsers.limits.cpu',
  memoryMiB: 'adminUsers.limits.memory',
  gpus: 'adminUsers.limits.gpus',
  uptimeMs: 'adminUsers.limits.uptime',
} as const;

interface LimitFieldsProps {
  /** Whose they are, and what an empty field means. */
  words: { legend: string; hint: string; reset: (limit: string) => string };
  draft: LimitsDraft;
  /** What holds where a field is empty. */
  below: Limits;
  faults: readonly LimitName[];
  onChange: (draft: LimitsDraft) => void;
}

export function LimitFields({ words, draft, below, faults, onChange }: LimitFieldsProps) {
  const t = useT();
  return (
    <fieldset className="min-w-0">
      <legend className="font-medium text-sm">{words.legend}</legend>
      <p className="mb-3 text-ink-3 text-sm">{words.hint}</p>
      <div className="grid grid-cols-2 gap-x-4 gap-y-3">
        {LIMIT_NAMES.map((name) => (
          <LimitField
            key={name}
            name={name}
            value={draft[name]}
            placeholder={tierValue(below, name) ?? t('adminUsers.limits.uptimeNone')}
            reset={words.reset}
            disabled={name === 'uptimeMs' && draft.noUptime}
            fault={faults.includes(name)}
            onChange={(text) => onChange({ ...draft, [name]: text })}
          />
        ))}
        <div className="self-end pb-1.5">
          <Checkbox checked={draft.noUptime} onChange={(noUptime) => onChange({ ...draft, noUptime })}>
            {t('adminUsers.limits.noUptime')}
          </Checkbox>
        </div>
      </div>
    </fieldset>
  );
}

interface LimitFieldProps {
  name: LimitName;
  value: string;
  placeholder: string;
  reset: (limit: string) => string;
  disabled: boolean;
  fault: boolean;
  onChange: (text: string) => void;
}

function LimitField({ name, value, placeholder, reset, disabled, fault, onChange }: LimitFieldProps) {
  const t = useT();
  const format = useFormat();
  const label = t(LABELS[name]);
  const { whole, max } = LIMIT_UNITS[name];
  const kind = name === 'uptimeMs' ? 'uptime' : whole ? 'whole' : 'number';
  return (
    <Field label={label} error={fault ? t(`adminUsers.limits.fault.${kind}`, { max: format.number(max) }) : undefined}>
      <Input
        value={disabled ? '' : value}
        placeholder={disabled ? t('adminUsers.limits.uptimeNone') : placeholder}
        disabled={disabled}
        inputMode={whole ? 'numeric' : 'decimal'}
        maxLength={12}
        autoComplete="off"
        className="nums"
        onChange={(event) => onChange(event.target.value)}
        trail={
          value === '' || disabled ? (
            // The frame stays the same, so that the field keeps the focus.
            <span />
          ) : (
            <IconButton
              size="sm"
              label={reset(label)}
              icon={<RotateCcw className="icon" aria-hidden />}
              onClick={() => onChange('')}
            />
          )
        }
      />
    </Field>
  );
}
