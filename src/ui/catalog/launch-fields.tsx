'use client';
/** The fields of the launch form, in the order in which one decides. */
import { ChevronRight } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { Textarea } from '../primitives/textarea.tsx';
import { LaunchSizes } from './launch-sizes.tsx';
import { LaunchStorage } from './launch-storage.tsx';
import { LaunchVariables } from './launch-variables.tsx';
import type { LaunchForm, LaunchFormData } from './use-launch-form.ts';

export function LaunchFields({ data, form }: { data: LaunchFormData; form: LaunchForm }) {
  const t = useT();
  const { draft, update, faults, shown } = form;
  const badVariables = shown && (faults.variables.size > 0 || faults.variablesTooLarge);
  return (
    <>
      {data.application.asksCommand ? (
        <Field
          label={t('launch.command')}
          hint={t('launch.commandHint')}
          error={shown && faults.command ? t('launch.commandNeeded') : null}
        >
          <Textarea
            mono
            rows={2}
            spellCheck={false}
            autoCapitalize="off"
            maxLength={4096}
            placeholder={t('launch.commandPlaceholder')}
            value={draft.command}
            onChange={(event) => update({ command: event.target.value })}
          />
        </Field>
      ) : null}
      <Field
        label={t('launch.name')}
        error={shown && faults.name ? t('environments.nameFault') : null}
        className="sm:max-w-md"
      >
        <Input
          value={draft.name}
          maxLength={64}
          autoComplete="off"
          onChange={(event) => update({ name: event.target.value })}
        />
      </Field>
      <LaunchSizes data={data} form={form} />
      <LaunchStorage data={data} form={form} />
      <details className="group" open={badVariables || draft.variables.length > 0 || undefined}>
        <summary className="touch inline-flex list-none items-center gap-1 rounded-sm font-medium text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
          <ChevronRight className="icon transition-transform duration-100 group-open:rotate-90" aria-hidden />
          {t('launch.advanced')}
        </summary>
        <div className="mt-3">
          <LaunchVariables form={form} />
        </div>
      </details>
    </>
  );
}
