/** What an EKS cluster needs said about it: the hole for the identity of pods, and how its spot machines are known. Data only. */
import type { NetworkHole, Placement } from '../kubernetes/cluster-settings.ts';

/** The agent of Pod Identity on each machine. Never 169.254.169.254: there the machine hands out its own credentials. */
export const NETWORK_HOLES: readonly NetworkHole[] = [
  { purpose: 'EKS Pod Identity agent', cidr: '169.254.170.23/32', protocol: 'TCP', port: 80 },
];

export const SPOT: Placement = { nodeSelector: { 'karpenter.sh/capacity-type': 'spot' }, tolerations: [] };
