/** Sets one variable or a whole `.env` file of them: all or none. */
import type { VariableFacts } from '../../../prisma-free-db/repositories/secrets.ts';
import { AppError } from '../../domain/errors.ts';
import { MAX_VARIABLES, MAX_VARIABLES_BYTES, variableFault } from '../../domain/secrets.ts';
import { utf8Bytes } from '../../domain/storage.ts';
import type { Actor } from '../../domain/user.ts';
import { record } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { noteChange } from './changed.ts';
import { refusedVariable, tooManyVariables, variablesTooLarge } from './refusals.ts';
import { variableContext } from './sealing.ts';

/** Known names get the new value. @throws invalid_argument; resource_exhausted with the limit that it breaks */
export function setVariables(
  deps: Deps,
  actor: Actor,
  variables: readonly { name: string; value: string }[],
): VariableFacts[] {
  const names = new Set<string>();
  for (const { name, value } of variables) {
    const fault = variableFault(name, value);
    if (fault) throw refusedVariable(name, fault);
    if (names.has(name)) throw new AppError('invalid_argument', `${name} is given twice.`);
    names.add(name);
  }
  const { userId } = actor;
  return deps.db.write(() => {
    const others = deps.secrets.listVariables(userId).filter(({ name }) => !names.has(name));
    if (others.length + names.size > MAX_VARIABLES) throw tooManyVariables();
    const sizes = [
      ...others.map(({ name, sizeBytes }) => utf8Bytes(name) + sizeBytes),
      ...variables.map(({ name, value }) => utf8Bytes(name) + utf8Bytes(value)),
    ];
    if (sizes.reduce((sum, size) => sum + size, 0) > MAX_VARIABLES_BYTES) throw variablesTooLarge();
    const now = deps.now();
    for (const { name, value } of variables) {
      deps.secrets.putVariable({
        userId,
        name,
        sealed: deps.keys.seal(value, variableContext(userId, name)),
        sizeBytes: utf8Bytes(value),
        createdAt: now,
        updatedAt: now,
      });
      record(deps, actor, { action: 'variable.set', ownerId: userId, targetId: null, targetName: name });
    }
    noteChange(deps, userId);
    return deps.secrets.listVariables(userId);
  });
}
