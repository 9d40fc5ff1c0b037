'use client';
/** The sizes as cards, each with the reason why it cannot be chosen, and what is left of one's limits. */
import { SIZE_PRESETS } from '../../domain/quota.ts';
import { type Format, useFormat, useT } from '../messages/messages-provider.tsx';
import type { Translate } from '../messages/translate.ts';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { RadioCards } from '../primitives/radio-cards.tsx';
import { remaining, type SizeName, type SizePart, type SizeRefusal, sizeRefusal } from './launch-size.ts';
import type { LaunchForm, LaunchFormData } from './use-launch-form.ts';

export function LaunchSizes({ data: { allowance }, form }: { data: LaunchFormData; form: LaunchForm }) {
  const t = useT();
  const format = useFormat();
  const { draft, update, refusal, faults } = form;
  const left = t('launch.size.left', {
    cores: format.cores(remaining(allowance, 'cpuMillicores')),
    memory: format.memory(remaining(allowance, 'memoryMiB')),
  });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium text-sm">{t('launch.size')}</span>
        <span className="nums text-ink-3 text-sm">{left}</span>
      </div>
      <RadioCards
        label={t('launch.size')}
        columns={4}
        value={draft.size}
        onChange={(size) => update({ size: size as SizeName })}
        cards={[
          ...SIZE_PRESETS.map(({ name, size }) => {
            const why = sizeRefusal(allowance, size);
            return {
              value: name,
              title: t(`launch.size.${name}`),
              detail: t('launch.size.amount', {
                cores: format.cores(size.cpuMillicores),
                memory: format.memory(size.memoryMiB),
              }),
              disabled: why !== null,
              reason: why ? refusalText(t, format, why) : undefined,
            };
          }),
          { value: 'custom', title: t('launch.size.custom'), detail: t('launch.size.customDetail') },
        ]}
      />
      {draft.size === 'custom' ? (
        <div className="mt-1 grid gap-3 sm:max-w-md sm:grid-cols-2">
          <Amount
            label={t('launch.size.cores')}
            hint={t('launch.size.upTo', { amount: format.cores(remaining(allowance, 'cpuMillicores')) })}
            value={draft.customCores}
            onChange={(customCores) => update({ customCores })}
            error={amountError(t, format, 'cpuMillicores', refusal, faults.customSize)}
          />
          <Amount
            label={t('launch.size.memory')}
            hint={t('launch.size.upTo', { amount: format.memory(remaining(allowance, 'memoryMiB')) })}
            value={draft.customGiB}
            onChange={(customGiB) => update({ customGiB })}
            error={amountError(t, format, 'memoryMiB', refusal, faults.customSize)}
          />
        </div>
      ) : null}
      {allowance.enforced ? null : <p className="text-ink-3 text-sm">{t('launch.size.notEnforced')}</p>}
    </div>
  );
}

interface AmountProps {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
}

function Amount({ label, hint, value, onChange, error }: AmountProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      <Input inputMode="decimal" autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}

function amountOf(format: Format, part: SizePart, value: number): string {
  if (part === 'cpuMillicores') return format.cores(value);
  return part === 'memoryMiB' ? format.memory(value) : format.number(value);
}

export function refusalText(t: Translate, format: Format, refusal: SizeRefusal): string {
  const { part, max } = refusal;
  return refusal.kind === 'ceiling'
    ? t('launch.size.ceiling', { amount: amountOf(format, part, max) })
    : t('launch.size.quota', { amount: amountOf(format, part, refusal.left), max: amountOf(format, part, max) });
}

function amountError(
  t: Translate,
  format: Format,
  part: SizePart,
  refusal: SizeRefusal | null,
  unreadable: boolean,
): string | null {
  if (unreadable) return part === 'cpuMillicores' ? t('launch.size.notANumber') : null;
  return refusal?.part === part ? refusalText(t, format, refusal) : null;
}
