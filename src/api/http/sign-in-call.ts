/** What each route of sign-in gets. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Deps } from '../../services/deps.ts';
import type { Limits } from '../limits.ts';

export interface SignInCall {
  deps: Deps;
  req: IncomingMessage;
  res: ServerResponse;
  limits: Limits;
  /** How long a body may take to arrive, in milliseconds. */
  jsonBodyMs: number;
}
