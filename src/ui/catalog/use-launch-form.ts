'use client';
/** State of the launch form: what is typed, what is wrong with it, and sending it. */
import { useState } from 'react';
import type { Size } from '../../domain/environment.ts';
import { SIZE_PRESETS } from '../../domain/quota.ts';
import type { Outputs } from '../trpc-client.tsx';
import type { CatalogApplication } from './application.ts';
import {
  customSize,
  type DraftFaults,
  draftFaults,
  isValid,
  type LaunchDraft,
  suggestName,
  usedVariables,
} from './launch-draft.ts';
import { fittingSize, isFull, presetOf, type SizeRefusal, sizeRefusal } from './launch-size.ts';
import { type LaunchInput, type Launching, useLaunch } from './use-launch.ts';

export interface LaunchFormData {
  application: CatalogApplication;
  allowance: Outputs['profile']['limits'];
  storages: Outputs['storages']['list'];
  /** Names in use, for the suggestion. */
  taken: readonly string[];
  /** An environment to be launched again in another way. */
  like: Outputs['environments']['get'] | null;
}

export interface LaunchForm extends Pick<Launching, 'busy' | 'error'> {
  draft: LaunchDraft;
  update: (change: Partial<LaunchDraft>) => void;
  faults: DraftFaults;
  /** Faults are shown once somebody tried to send. */
  shown: boolean;
  size: Size | null;
  refusal: SizeRefusal | null;
  full: boolean;
  submit: () => void;
}

/** Storages that an environment may use. */
export function usable(storages: LaunchFormData['storages']): LaunchFormData['storages'] {
  return storages.filter(({ status }) => status === 'active' || status === 'creating');
}

export function useLaunchForm(data: LaunchFormData): LaunchForm {
  const { application, allowance } = data;
  const [draft, setDraft] = useState(() => firstDraft(data));
  const [shown, setShown] = useState(false);
  const { launch, busy, error } = useLaunch();
  const faults = draftFaults(draft, application.asksCommand);
  const size = sizeOf(draft);
  const refusal = size ? sizeRefusal(allowance, size) : null;
  const full = isFull(allowance);
  return {
    draft,
    update: (change) => setDraft((before) => ({ ...before, ...change })),
    faults,
    shown,
    size,
    refusal,
    full,
    busy,
    error,
    submit: () => {
      setShown(true);
      if (busy || full || refusal || !size || !isValid(faults)) return;
      void launch(inputOf(application, draft, size));
    },
  };
}

function sizeOf(draft: LaunchDraft): Size | null {
  if (draft.size === 'custom') return customSize(draft);
  return SIZE_PRESETS.find(({ name }) => name === draft.size)?.size ?? null;
}

function firstDraft({ application, allowance, storages, taken, like }: LaunchFormData): LaunchDraft {
  const wanted = like?.size ?? application.defaultSize;
  const size = fittingSize(allowance, wanted) ?? wanted;
  const storage = usable(storages).find(({ id }) => id === like?.storage?.id);
  return {
    name: suggestName(like?.name ?? application.name, taken),
    size: presetOf(size),
    customCores: String(size.cpuMillicores / 1000),
    customGiB: String(Math.round((size.memoryMiB / 1024) * 100) / 100),
    storage: storage ? 'existing' : 'automatic',
    storageId: storage?.id ?? usable(storages)[0]?.id ?? null,
    newStorage: '',
    command: like?.command ?? '',
    variables: (like?.envNames ?? []).map((name, id) => ({ id, name, value: '' })),
  };
}

function inputOf({ id, asksCommand }: CatalogApplication, draft: LaunchDraft, size: Size): LaunchInput {
  const { storage, storageId } = draft;
  return {
    applicationId: id,
    name: draft.name.trim(),
    size,
    storage:
      storage === 'existing' && storageId
        ? { kind: 'existing', id: storageId }
        : storage === 'new'
          ? { kind: 'new', displayName: draft.newStorage.trim() }
          : { kind: 'automatic' },
    env: usedVariables(draft.variables).map(({ name, value }) => ({ name, value })),
    command: asksCommand ? draft.command.trim() : null,
  };
}
