/**
 * The disks of a pod: the home on its claim, the workspace as its storage wants it (mount, synced folder, or nothing but a folder),
 * room for temporary files, and what an administrator adds. Pure.
 */
import { AppError } from '../../domain/errors.ts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { EnvironmentOrder } from './environment-order.ts';
import { extraVolumesOf } from './extra-volumes.ts';
import type { KubeObject } from './kube-object.ts';
import { environmentNames } from './names.ts';
import { FILES_PATH, HOME_PATH, SYNC_STATE_PATH, WORKSPACE_PATH } from './paths.ts';
import { parseBytes, printMiB } from './quantities.ts';

export interface PodVolumes {
  volumes: object[];
  /** Of the application. */
  application: object[];
  /** Of the sync program: the same workspace, and its own state beside it. */
  sync: object[];
  /** Of the program that places files. */
  files: object[];
  workspacePath: string;
}

const HOME = 'home';
/** Where there is no claim: gone with the pod. */
const PASSING = 'passing';

/** Folders of the home's disk. Beside the home, so that nobody finds the workspace twice, nor the sync program's index. */
const HOME_FOLDERS = { home: 'home', workspace: 'workspace', sync: 'sync' } as const;

/** @throws invalid_argument for a workspace that lies in folders of some machine */
export function podVolumes(order: EnvironmentOrder, settings: ClusterSettings): PodVolumes {
  const { spec } = order;
  const { workspace } = spec;
  if (workspace?.kind === 'host-path')
    throw new AppError('invalid_argument', 'A cluster cannot use storage that lies in folders of one machine.');
  const disk = settings.home === null ? PASSING : HOME;
  const folder = (part: keyof typeof HOME_FOLDERS, mountPath: string) => ({
    name: disk,
    mountPath,
    subPath: HOME_FOLDERS[part],
  });
  const workspacePath = workspace?.mountPath ?? WORKSPACE_PATH;
  const mounted = workspace?.kind === 'kubernetes' ? workspace : null;
  const place = mounted ? mounted.volumeMount : folder('workspace', workspacePath);
  const home = folder('home', HOME_PATH);
  const names = environmentNames(spec.id);
  const places = order.homeHoldsFiles || spec.files.length > 0;
  const extra = extraVolumesOf(settings.extraVolumes, { owner: spec.ownerId, environment: spec.id });
  return {
    volumes: [
      settings.home === null
        ? { name: PASSING, emptyDir: { sizeLimit: printMiB(settings.scratchMiB) } }
        : { name: HOME, persistentVolumeClaim: { claimName: names.home } },
      ...(mounted ? [mounted.volume] : []),
      { name: 'tmp', emptyDir: { sizeLimit: printMiB(settings.scratchMiB) } },
      // Shared memory: what the container runtime gives (64 MiB) ends programs that hand arrays between processes.
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: printMiB(Math.ceil(spec.size.memoryMiB / 2)) } },
      ...(places ? [{ name: 'files', secret: { secretName: names.files, defaultMode: 0o440 } }] : []),
      ...extra.volumes,
    ],
    application: [
      home,
      place,
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'shm', mountPath: '/dev/shm' },
      ...extra.mounts,
    ],
    sync: [place, folder('sync', SYNC_STATE_PATH)],
    files: [home, { name: 'files', mountPath: FILES_PATH, readOnly: true }],
    workspacePath,
  };
}

/**
 * The home's claim. A disk grows when the deployment gives more and never shrinks; class and access stay what they were when it was
 * made, since the API server refuses a change of them. null = homes are empty at each start.
 */
export function homeClaim(
  { spec, home }: EnvironmentOrder,
  { settings, namespace }: { settings: ClusterSettings; namespace: string },
): KubeObject | null {
  if (settings.home === null) return null;
  const { sizeMiB, accessMode } = settings.home;
  const storageClass = home ? home.storageClass : settings.home.storageClass;
  const wanted = printMiB(sizeMiB);
  const larger = home && (parseBytes(home.storage) ?? 0) > sizeMiB * 1024 ** 2;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: environmentNames(spec.id).home, namespace },
    spec: {
      accessModes: home ? [...home.accessModes] : [accessMode],
      ...(storageClass === null ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: larger ? home.storage : wanted } },
    },
  };
}
