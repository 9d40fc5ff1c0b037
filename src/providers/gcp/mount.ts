/**
 * A bucket as a folder of a pod, by the GCS FUSE CSI driver of GKE: an inline volume, a sidecar that the cluster adds, the pod's
 * own service account as the identity. Pure; the spawner of the same deployment puts it into the pod.
 */
import { AppError } from '../../domain/errors.ts';
import { checkBucketName } from '../../domain/storage.ts';
import type { WorkloadIdentity } from '../../domain/workload-identity.ts';
import { checkIdentity, checkMountPath } from '../../ports/storage/checks.ts';
import type { MountSpec } from '../../ports/storage/storage.ts';

const VOLUME = 'workspace';
/** User and group of environments. */
const USER = 1000;
/** Without these the files would belong to root, and only root could open them. */
const OWNER_OPTIONS = [`uid=${USER}`, `gid=${USER}`, 'file-mode=0664', 'dir-mode=0775'];
/** Folders without a placeholder show; a folder is renamed file by file, so only up to a size. */
const FOLDER_OPTIONS = ['implicit-dirs', 'rename-dir-limit=10000'];
/** Read again from the node's disk; the sidecar's ephemeral limit must hold it and some room. */
const FILE_CACHE = '5Gi';

const ANNOTATIONS: Readonly<Record<string, string>> = {
  // Without it the cluster adds no sidecar and the pod never starts.
  'gke-gcsfuse/volumes': 'true',
  'gke-gcsfuse/cpu-request': '250m',
  'gke-gcsfuse/cpu-limit': '2',
  'gke-gcsfuse/memory-request': '256Mi',
  // About 96 MiB for each file that is being written.
  'gke-gcsfuse/memory-limit': '2Gi',
  'gke-gcsfuse/ephemeral-storage-request': '5Gi',
  'gke-gcsfuse/ephemeral-storage-limit': '7Gi',
};

/**
 * @param path absolute, where the folder appears in the container
 * @throws failed_precondition without an identity: the pod would reach the bucket as its node, and every other bucket too
 */
export function mountSpec(bucket: string, path: string, workloadIdentity: WorkloadIdentity | null): MountSpec {
  checkBucketName(bucket);
  if (!workloadIdentity) {
    throw new AppError(
      'failed_precondition',
      'A bucket is mounted in a cluster only, for a service account of its own.',
    );
  }
  checkIdentity(workloadIdentity);
  checkMountPath(path);
  return {
    kind: 'kubernetes',
    objects: [],
    volume: {
      name: VOLUME,
      csi: {
        driver: 'gcsfuse.csi.storage.gke.io',
        readOnly: false,
        volumeAttributes: {
          bucketName: bucket,
          mountOptions: [...FOLDER_OPTIONS, ...OWNER_OPTIONS].join(','),
          fileCacheCapacity: FILE_CACHE,
          // From GKE 1.34.1 on the sidecar asks by itself; asking twice doubles the tokens that are needed.
          skipCSIBucketAccessCheck: 'true',
        },
      },
    },
    volumeMount: { name: VOLUME, mountPath: path },
    podAnnotations: { ...ANNOTATIONS },
    serviceAccount: workloadIdentity.serviceAccount,
    mountPath: path,
    // Any change to a file writes the whole object again; locks hold within one pod only, so none are promised.
    capabilities: { rename: true, append: true, overwrite: true, symlink: true, locks: false },
  };
}
