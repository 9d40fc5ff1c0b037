/** What is typed into the launch form and what is wrong with it. Pure. */
import { isEnvironmentName, type Size } from '../../domain/environment.ts';
import type { StorageId } from '../../domain/ids.ts';
import { isEnvVarName, isReservedEnvVar } from '../../domain/secrets.ts';
import { isStorageName, utf8Bytes } from '../../domain/storage.ts';
import { MIN_CPU_MILLICORES, MIN_MEMORY_MIB, readAmount, type SizeName } from './launch-size.ts';

export interface Variable {
  id: number;
  name: string;
  value: string;
}

export type StorageKind = 'automatic' | 'existing' | 'new';

export interface LaunchDraft {
  name: string;
  size: SizeName;
  /** As typed, in cores and GiB. */
  customCores: string;
  customGiB: string;
  storage: StorageKind;
  storageId: StorageId | null;
  newStorage: string;
  command: string;
  variables: readonly Variable[];
}

/** What the server takes together. */
export const MAX_VARIABLE_BYTES = 64 * 1024;

export function customSize({ customCores, customGiB }: Pick<LaunchDraft, 'customCores' | 'customGiB'>): Size | null {
  const cores = readAmount(customCores);
  const gib = readAmount(customGiB);
  if (cores === null || gib === null) return null;
  const size = { cpuMillicores: Math.round(cores * 1000), memoryMiB: Math.round(gib * 1024), gpus: 0 };
  return size.cpuMillicores < MIN_CPU_MILLICORES || size.memoryMiB < MIN_MEMORY_MIB ? null : size;
}

export type VariableFault = 'invalid' | 'reserved' | 'twice';

/** Rows whose name and value are both empty do not count. */
export function usedVariables(variables: readonly Variable[]): Variable[] {
  return variables.filter(({ name, value }) => name !== '' || value !== '');
}

export function variableFaults(variables: readonly Variable[]): Map<number, VariableFault> {
  const faults = new Map<number, VariableFault>();
  const seen = new Set<string>();
  for (const { id, name } of usedVariables(variables)) {
    if (!isEnvVarName(name)) faults.set(id, 'invalid');
    else if (isReservedEnvVar(name)) faults.set(id, 'reserved');
    else if (seen.has(name)) faults.set(id, 'twice');
    seen.add(name);
  }
  return faults;
}

export function variableBytes(variables: readonly Variable[]): number {
  return usedVariables(variables).reduce((sum, { name, value }) => sum + utf8Bytes(name) + utf8Bytes(value), 0);
}

export interface DraftFaults {
  name: boolean;
  customSize: boolean;
  storage: 'choose' | 'name' | null;
  command: boolean;
  variables: Map<number, VariableFault>;
  variablesTooLarge: boolean;
}

export function draftFaults(draft: LaunchDraft, asksCommand: boolean): DraftFaults {
  return {
    name: !isEnvironmentName(draft.name.trim()),
    customSize: draft.size === 'custom' && customSize(draft) === null,
    storage:
      draft.storage === 'existing' && draft.storageId === null
        ? 'choose'
        : draft.storage === 'new' && !isStorageName(draft.newStorage.trim())
          ? 'name'
          : null,
    command: asksCommand && draft.command.trim() === '',
    variables: variableFaults(draft.variables),
    variablesTooLarge: variableBytes(draft.variables) > MAX_VARIABLE_BYTES,
  };
}

export function isValid(faults: DraftFaults): boolean {
  return (
    !faults.name &&
    !faults.customSize &&
    faults.storage === null &&
    !faults.command &&
    faults.variables.size === 0 &&
    !faults.variablesTooLarge
  );
}

/** `"Terminal"`, or the first of `"Terminal 2"`, `"Terminal 3"` … that is not taken. */
export function suggestName(base: string, taken: readonly string[]): string {
  const used = new Set(taken);
  if (!used.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const name = `${base} ${number}`;
    if (!used.has(name)) return name;
  }
}
