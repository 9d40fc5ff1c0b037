/** What an environment gets at its start: the only way by which values come out of the database. */
import { AppError, isAppError } from '../../domain/errors.ts';
import type { UserId } from '../../domain/ids.ts';
import type { HomeFile } from '../../ports/spawner/spawner.ts';
import type { Deps } from '../deps.ts';
import { fileContext, variableContext } from './sealing.ts';

/** @throws failed_precondition naming the variable or file that cannot be opened any more */
export function openForStart(deps: Deps, ownerId: UserId): { variables: Record<string, string>; files: HomeFile[] } {
  return {
    variables: Object.fromEntries(
      deps.secrets
        .sealedVariables(ownerId)
        .map(({ name, sealed }) => [
          name,
          opened(deps, sealed, variableContext(ownerId, name), `The variable ${name}`),
        ]),
    ),
    files: deps.secrets.sealedFiles(ownerId).map(({ path, sealed }) => ({
      path,
      content: Buffer.from(opened(deps, sealed, fileContext(ownerId, path), `The file ~/${path}`), 'base64'),
    })),
  };
}

function opened(deps: Deps, sealed: string, context: string, what: string): string {
  try {
    return deps.keys.open(sealed, context);
  } catch (error) {
    if (!isAppError(error)) throw error;
    deps.log.error('a stored secret cannot be opened', { context, error: error.message });
    throw new AppError(
      'failed_precondition',
      `${what} of your settings cannot be read any more, because the server has lost its key. Set it again, or delete it, then start.`,
      { cause: error },
    );
  }
}
