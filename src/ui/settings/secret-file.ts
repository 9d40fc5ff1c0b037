/** What the API tells of one kept file. */
import type { Outputs } from '../trpc-client.tsx';

export type SecretFile = Outputs['secrets']['files']['list'][number];
