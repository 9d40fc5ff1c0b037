/** One account that leads to oneself, as the API gives it. */
import type { Outputs } from '../trpc-client.tsx';

export type Account = Outputs['identities']['list']['identities'][number];
