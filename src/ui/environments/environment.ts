/** An environment as the API gives it, and where things about it are. */
import type { Outputs } from '../trpc-client.tsx';

export type Environment = Outputs['environments']['list']['environments'][number];
/** One environment on its own page. */
export type EnvironmentDetail = Outputs['environments']['get'];
export type EnvironmentList = Outputs['environments']['list'];

export const environmentHref = (id: string): string => `/environments/${id}`;
export const openHref = (id: string): string => `/open/${id}`;
export const embedHref = (id: string): string => `/open/${id}?embed=1`;
/** The launch form, filled in like an environment that exists. */
export const againHref = (environment: Pick<Environment, 'id' | 'application'>): string =>
  `/catalog/launch?app=${encodeURIComponent(environment.application.slug)}&from=${environment.id}`;
