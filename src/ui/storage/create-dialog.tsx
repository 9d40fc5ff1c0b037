'use client';
/** A new storage: its name, what kind of room it gets, how long it keeps what is replaced or deleted. */
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { isStorageName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Field } from '../primitives/field.tsx';
import { FormDialog } from '../primitives/form-dialog.tsx';
import { Input } from '../primitives/input.tsx';
import { Select } from '../primitives/select.tsx';
import { shownError, trpc } from '../trpc-client.tsx';
import { readDays } from './kept-files.ts';
import { storageHref } from './storage.ts';

const STORE_DEFAULT = 'default';

interface Faults {
  name?: string;
  days?: string;
}

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const router = useRouter();
  const utils = trpc.useUtils();
  const { data: options } = trpc.storages.options.useQuery(undefined, { staleTime: Number.POSITIVE_INFINITY });
  const storages = trpc.storages.list.useQuery().data ?? [];
  const [name, setName] = useState('');
  const [storageClass, setStorageClass] = useState(STORE_DEFAULT);
  const [days, setDays] = useState<string | null>(null);
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const shownDays = days ?? (options ? String(options.keepVersionsDays) : '');
  // What the others there cannot do, a new one cannot either.
  const keepsNone = storages.some(
    ({ provider, capabilities }) => provider === options?.provider && capabilities?.history === false,
  );

  async function save() {
    const displayName = name.trim();
    const keep = days === null ? undefined : readDays(days);
    const found: Faults = {
      ...(isStorageName(displayName) ? {} : { name: t('storage.nameFault') }),
      ...(keep === null ? { days: t('storages.create.keepFault') } : {}),
    };
    setFaults(found);
    if (found.name !== undefined || found.days !== undefined) return;
    setBusy(true);
    try {
      const made = await utils.client.storages.create.mutate({
        displayName,
        ...(storageClass === STORE_DEFAULT ? {} : { storageClass }),
        ...(keep == null ? {} : { keepVersionsDays: keep }),
      });
      utils.storages.list.setData(undefined, (old) => old && [...old.filter(({ id }) => id !== made.id), made]);
      router.push(storageHref(made.id));
    } catch (failed) {
      setFaults({ name: shownError(failed).message });
      setBusy(false);
    }
  }

  const classes = options?.storageClasses ?? [];
  return (
    <FormDialog
      size="sm"
      title={t('storage.create.title')}
      description={t('storage.create.text')}
      action={t('storage.create.action')}
      busy={busy}
      onSubmit={() => void save()}
      onClose={onClose}
    >
      <Field label={t('storage.name')} error={faults.name}>
        <Input
          value={name}
          maxLength={64}
          placeholder={t('storage.create.placeholder')}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setName(event.target.value);
            setFaults({ ...faults, name: undefined });
          }}
        />
      </Field>
      {classes.length > 0 ? (
        <Field label={t('storages.create.class')} hint={t('storages.create.classHint')}>
          <Select
            value={storageClass}
            onChange={setStorageClass}
            options={[
              { value: STORE_DEFAULT, label: t('storages.create.classDefault') },
              ...classes.map((one) => ({ value: one.name, label: one.label })),
            ]}
          />
        </Field>
      ) : null}
      {keepsNone ? null : (
        <Field label={t('storages.create.keep')} hint={t('storages.create.keepHint')} error={faults.days}>
          <Input
            value={shownDays}
            inputMode="numeric"
            maxLength={3}
            autoComplete="off"
            className="w-28"
            trail={<span className="pr-2">{t('storages.create.keepUnit')}</span>}
            onChange={(event) => {
              setDays(event.target.value);
              setFaults({ ...faults, days: undefined });
            }}
          />
        </Field>
      )}
    </FormDialog>
  );
}
