/** All that the objects of one start are made from: what services want, and what the spawner knows of the cluster. */
import type { Limits } from '../../domain/quota.ts';
import type { EnvironmentSpec } from '../../ports/spawner/spawner.ts';

export interface EnvironmentOrder {
  spec: EnvironmentSpec;
  /** What holds for its owner: the ceilings of the namespace. */
  limits: Limits;
  /** Known to the gateway and to this environment only. */
  secret: string;
  /** Machines that may be taken away were asked for. */
  spot: boolean;
  /** Command line instead of the image's own; null = the image's. */
  command: readonly string[] | null;
  /** The home's claim as the cluster has it: a disk never shrinks, nor does it change its class. null = there is none yet. */
  home: { storage: string; storageClass: string | null; accessModes: readonly string[] } | null;
  /** Whether files of settings were placed in this home before: then a start without any takes them away. */
  homeHoldsFiles: boolean;
}
