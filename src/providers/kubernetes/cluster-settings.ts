/**
 * What a deployment settled once about its cluster. Clouds give their part as data (holes in the network, labels of spot machines,
 * annotations of service accounts); the builders of this folder name no cloud.
 */
import type { ExtraVolumes } from './extra-volumes.ts';
import type { Toleration } from './kube-object.ts';

/** An address that environments may reach though it lies in a network that is closed to them. */
export interface NetworkHole {
  /** What it is, for the people who read the policy. */
  purpose: string;
  cidr: string;
  protocol: 'TCP' | 'UDP';
  port: number;
}

export interface Placement {
  nodeSelector: Record<string, string>;
  tolerations: readonly Toleration[];
}

/** The image of our own programs beside an application, and their command lines in it. */
export interface ToolsImage {
  image: string;
  /** src/sync. */
  sync: readonly string[];
  /** Ends with 0 once the sync program has fetched the bucket. */
  restored: readonly string[];
  /** Puts the files of CMBCLUSTER_FILES into CMBCLUSTER_HOME, by the rules that hold on this machine too. */
  placeFiles: readonly string[];
}

export interface PullSecret {
  name: string;
  /** `.dockerconfigjson`, from which it is made in every namespace; null = it is there, an administrator keeps it. */
  dockerConfig: string | null;
}

export interface HomeSettings {
  sizeMiB: number;
  /** null = the cluster's default class. */
  storageClass: string | null;
  /** ReadWriteOncePod: the cluster itself refuses a second pod. Needs a CSI driver; else ReadWriteOnce. */
  accessMode: 'ReadWriteOncePod' | 'ReadWriteOnce';
}

export interface ClusterSettings {
  /** Prefix of everything that this deployment makes. */
  deployment: string;
  namespace: { mode: 'user' } | { mode: 'shared'; name: string };
  /** Version of the Pod Security standard that is enforced, such as v1.34; never `latest`, which would change under our feet. */
  podSecurityVersion: string;
  /** The pods that the gateway runs in; null = outside the cluster, by way of the API server. */
  gateway: { namespace: string; podLabels: Record<string, string> } | null;
  network: {
    holes: readonly NetworkHole[];
    /** Closed besides the private networks: the cluster's own where they are public addresses, the API server's. */
    closed: readonly string[];
  };
  /** Annotations that a cloud wants on a person's service account. */
  serviceAccountAnnotations: Record<string, string>;
  /** null = an empty home at each start. */
  home: HomeSettings | null;
  tools: ToolsImage;
  pullSecrets: readonly PullSecret[];
  placement: Placement;
  /** Added where an environment asks for graphics processors. */
  gpu: Placement & { resource: string };
  /** Machines that may be taken away at any time; null = never. */
  spot: Placement | null;
  /** How much of its CPU limit a pod reserves, in per cent; the rest it shares with its neighbours. Memory is always reserved whole. */
  cpuReservedPercent: number;
  /** Disk of the machine that a pod may fill (layers, logs, temporary files). */
  scratchMiB: number;
  priorityClass: string | null;
  runtimeClass: string | null;
  /** Whether the image's own folders are closed for writing; the home, the workspace and /tmp never are. */
  readOnlyRoot: boolean;
  extraVolumes: ExtraVolumes | null;
}
