/**
 * A bucket as a folder of a pod: a volume and its claim for the Mountpoint for S3 CSI driver, which knows no inline volumes and
 * provisions none by itself. Pure, so that what a cluster is told can be read in the tests' golden files.
 * https://github.com/awslabs/mountpoint-s3-csi-driver/blob/main/docs/CONFIGURATION.md
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import { checkIdentity, checkMountPath } from '../../ports/storage/checks.ts';
import type { MountSpec } from '../../ports/storage/storage.ts';

/** User and group of every environment's container. */
const USER_ID = 1000;
const METADATA_SECONDS = 60;
/** Asked for by the API; the driver ignores it. */
const CAPACITY = '1Gi';

export interface MountOrder {
  /** Its name in S3. */
  bucket: string;
  path: string;
  workloadIdentity: WorkloadIdentity | null;
  region: string;
  /** Only what lies below it, ending in a slash. */
  prefix?: string;
}

/**
 * New files are written from beginning to end, and replaced whole; what lies in between, renames, links and locks is beyond
 * Mountpoint: no home for git, SQLite or notebooks.
 */
const CAPABILITIES = { rename: false, append: false, overwrite: true, symlink: false, locks: false };

/** @throws failed_precondition outside a cluster, invalid_argument for a name that could end up as another option */
export function mountSpec({ bucket, path, workloadIdentity, region, prefix }: MountOrder): MountSpec {
  if (workloadIdentity === null) {
    throw new AppError('failed_precondition', 'A bucket can be mounted in a Kubernetes cluster only.', {
      details: { outcome: 'not_applied' },
    });
  }
  const { namespace, serviceAccount } = workloadIdentity;
  checkWord('bucket', bucket, /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  checkWord('region', region, /^[a-z0-9]+(-[a-z0-9]+)*$/);
  checkIdentity(workloadIdentity);
  checkMountPath(path);
  if (prefix !== undefined) checkPrefix(prefix);
  const name = claimName({ bucket, namespace, serviceAccount, prefix });
  const labels = { 'app.kubernetes.io/managed-by': 'cmbcluster', 'cmbcluster/bucket': bucket };
  const accessModes = ['ReadWriteMany'];
  return {
    kind: 'kubernetes',
    objects: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name, labels: { ...labels, 'cmbcluster/namespace': namespace } },
        spec: {
          capacity: { storage: CAPACITY },
          accessModes,
          // No default class may take it over, and no other claim may grab it.
          storageClassName: '',
          claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
          persistentVolumeReclaimPolicy: 'Retain',
          mountOptions: mountOptions({ region, prefix }),
          csi: {
            driver: 's3.csi.aws.com',
            // Two volumes of one handle leave pods waiting for ever.
            volumeHandle: name,
            volumeAttributes: { bucketName: bucket, authenticationSource: 'pod', stsRegion: region },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace, labels },
        spec: {
          accessModes,
          storageClassName: '',
          volumeName: name,
          resources: { requests: { storage: CAPACITY } },
        },
      },
    ],
    volume: { name: 'workspace', persistentVolumeClaim: { claimName: name } },
    volumeMount: { name: 'workspace', mountPath: path },
    podAnnotations: {},
    serviceAccount,
    mountPath: path,
    capabilities: CAPABILITIES,
  };
}

function checkWord(field: string, value: string, shape: RegExp): void {
  if (shape.test(value)) return;
  throw new AppError('invalid_argument', `The ${field} cannot be part of a mount.`, {
    details: { field, outcome: 'not_applied' },
  });
}

/** Options are split at spaces and commas by the programs on the way: only what none of them reads otherwise may pass. */
function checkPrefix(prefix: string): void {
  const names = prefix.split('/').slice(0, -1);
  const fits =
    /^([A-Za-z0-9_.][A-Za-z0-9_.-]*\/)+$/.test(prefix) && names.every((name) => name !== '.' && name !== '..');
  if (fits && prefix.length <= 512) return;
  throw new AppError('invalid_argument', 'A prefix that is mounted has plain names and ends in a slash.', {
    details: { field: 'prefix', outcome: 'not_applied' },
  });
}

function mountOptions({ region, prefix }: { region: string; prefix: string | undefined }): string[] {
  return [
    'allow-delete',
    'allow-overwrite',
    'allow-other',
    `uid=${USER_ID}`,
    `gid=${USER_ID}`,
    `metadata-ttl ${METADATA_SECONDS}`,
    `region ${region}`,
    ...(prefix === undefined ? [] : [`prefix ${prefix}`]),
  ];
}

/** The same for the same things, different otherwise; a volume's name is one for the whole cluster. */
function claimName(parts: Record<string, string | undefined>): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(Object.entries(parts)))
    .digest('hex');
  return `cmbcluster-${hash.slice(0, 32)}`;
}
