/**
 * What environments may reach, and who may reach them: nobody but the gateway comes in; names, the internet and a cloud's named
 * holes are open, every private network is closed, so neighbours, the control plane, the API server and metadata are too. Pure.
 */
import type { ClusterSettings, NetworkHole } from './cluster-settings.ts';
import type { KubeObject } from './kube-object.ts';
import { labelsOf, stamped } from './names.ts';

/**
 * Private (RFC 1918), shared (RFC 6598), link-local with every cloud's metadata (RFC 3927), this host, and class E, which clusters
 * use for pods. IPv6 is closed altogether: there pods and nodes have public addresses, so no list could tell them from the internet.
 */
const CLOSED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '240.0.0.0/4',
];

/** Where every conforming cluster runs its name server. */
const NAME_SERVER = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

/** One for all environments of a namespace: of all its pods where the namespace is a person's, else of this deployment's. */
export function networkPolicy(settings: ClusterSettings, namespace: string): KubeObject {
  const { deployment, gateway, network } = settings;
  const ours = labelsOf(deployment);
  return stamped(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${deployment}-environments`, namespace },
      spec: {
        podSelector: settings.namespace.mode === 'user' ? {} : { matchLabels: ours },
        policyTypes: ['Ingress', 'Egress'],
        // Empty: what comes through the API server enters by the machine itself, which no policy stops.
        ingress: gateway === null ? [] : [{ from: [peer(gateway)] }],
        egress: [
          {
            to: [NAME_SERVER],
            ports: [
              { protocol: 'UDP', port: 53 },
              { protocol: 'TCP', port: 53 },
            ],
          },
          { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [...new Set([...CLOSED, ...network.closed])] } }] },
          ...network.holes.map(hole),
        ],
      },
    },
    ours,
  );
}

function peer({ namespace, podLabels }: { namespace: string; podLabels: Record<string, string> }): object {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels: podLabels },
  };
}

function hole({ cidr, protocol, port }: NetworkHole): object {
  return { to: [{ ipBlock: { cidr } }], ports: [{ protocol, port }] };
}
