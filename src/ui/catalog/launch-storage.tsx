'use client';
/** Where the environment works: the storage one has anyway, a chosen one, or a new one. */
import type { StorageId } from '../../domain/ids.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { RadioCards } from '../primitives/radio-cards.tsx';
import { Select } from '../primitives/select.tsx';
import type { StorageKind } from './launch-draft.ts';
import { type LaunchForm, type LaunchFormData, usable } from './use-launch-form.ts';

const NAMES_SHOWN = 3;

export function LaunchStorage({ data, form }: { data: LaunchFormData; form: LaunchForm }) {
  const t = useT();
  const { draft, update, faults, shown } = form;
  const storages = usable(data.storages);
  const first = storages[0];
  return (
    <div className="flex flex-col gap-2">
      <span className="font-medium text-sm">{t('launch.storage')}</span>
      <RadioCards
        label={t('launch.storage')}
        columns={3}
        value={draft.storage}
        onChange={(storage) => update({ storage: storage as StorageKind })}
        cards={[
          {
            value: 'automatic',
            title: t('launch.storage.automatic'),
            detail: first
              ? t('launch.storage.automaticUses', { name: first.displayName })
              : t('launch.storage.automaticMakes'),
          },
          {
            value: 'existing',
            title: t('launch.storage.existing'),
            detail: first
              ? t('launch.storage.existingDetail', { count: storages.length })
              : t('launch.storage.existingNone'),
            disabled: !first,
          },
          { value: 'new', title: t('launch.storage.new'), detail: t('launch.storage.newDetail') },
        ]}
      />
      {draft.storage === 'existing' ? (
        <Field
          label={t('launch.storage.choose')}
          error={shown && faults.storage ? t('launch.storage.needed') : null}
          className="mt-1 sm:max-w-md"
        >
          <Select
            value={draft.storageId}
            onChange={(id) => update({ storageId: id as StorageId })}
            options={storages.map(({ id, displayName, usedBy }) => ({
              value: id,
              label: displayName,
              hint:
                usedBy.length === 0
                  ? t('launch.storage.unused')
                  : t('launch.storage.usedBy', {
                      names: usedBy
                        .slice(0, NAMES_SHOWN)
                        .map(({ name }) => `“${name}”`)
                        .join(', ')
                        .concat(usedBy.length > NAMES_SHOWN ? ' …' : ''),
                    }),
            }))}
          />
        </Field>
      ) : null}
      {draft.storage === 'new' ? (
        <Field
          label={t('launch.storage.newName')}
          error={shown && faults.storage ? t('storage.nameFault') : null}
          className="mt-1 sm:max-w-md"
        >
          <Input
            value={draft.newStorage}
            maxLength={64}
            autoComplete="off"
            autoFocus
            placeholder={t('storage.create.placeholder')}
            onChange={(event) => update({ newStorage: event.target.value })}
          />
        </Field>
      ) : null}
    </div>
  );
}
