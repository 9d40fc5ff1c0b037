/** What a GKE cluster needs said about it: the holes for the identity of pods, and how its spot machines are known. Data only. */
import type { NetworkHole, Placement } from '../kubernetes/cluster-settings.ts';

/**
 * Where Workload Identity hands out tokens: at its own address with Dataplane V2; with the older data path a rule of the machine
 * rewrites the destination before the policy looks at it. Neither serves the machine's own credentials to a pod.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
 */
export const NETWORK_HOLES: readonly NetworkHole[] = [
  { purpose: 'GKE metadata server, Dataplane V2', cidr: '169.254.169.254/32', protocol: 'TCP', port: 80 },
  { purpose: 'GKE metadata server, older data path', cidr: '169.254.169.252/32', protocol: 'TCP', port: 988 },
];

export const SPOT: Placement = {
  nodeSelector: { 'cloud.google.com/gke-spot': 'true' },
  tolerations: [{ key: 'cloud.google.com/gke-spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' }],
};
