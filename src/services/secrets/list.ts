/** What a person keeps, without any value: those never leave the server again except into an environment. */
import type { SecretFileFacts, VariableFacts } from '../../../prisma-free-db/repositories/secrets.ts';
import type { Actor } from '../../domain/user.ts';
import type { Deps } from '../deps.ts';

/** In the order of their names. */
export function listVariables(deps: Deps, actor: Actor): VariableFacts[] {
  return deps.secrets.listVariables(actor.userId);
}

/** In the order of their paths, which are below the home folder. */
export function listFiles(deps: Deps, actor: Actor): SecretFileFacts[] {
  return deps.secrets.listFiles(actor.userId);
}
