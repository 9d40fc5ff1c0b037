/** A catalog entry as the API gives it. */
import type { Outputs } from '../trpc-client.tsx';

export type CatalogApplication = Outputs['applications']['list'][number];

export const launchHref = ({ slug }: { slug: string }): string => `/catalog/launch?app=${encodeURIComponent(slug)}`;
