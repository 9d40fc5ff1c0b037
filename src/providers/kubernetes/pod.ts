/**
 * The pod of one start. Its name is the environment's id and nothing brings it back but us (decision 0015): the API server itself
 * sees to it that there is never a second one. Fits Pod Security `restricted` in every form. Pure.
 */
import { AppError } from '../../domain/errors.ts';
import type { ClusterSettings, Placement } from './cluster-settings.ts';
import type { EnvironmentOrder } from './environment-order.ts';
import { parseImage } from './image-reference.ts';
import type { KubeObject } from './kube-object.ts';
import { ANNOTATIONS, environmentNames, workloadIdentity } from './names.ts';
import { FILES_PATH, HOME_PATH, SYNC_STATE_PATH, USER_ID } from './paths.ts';
import { printCpu, printMiB } from './quantities.ts';
import { SECRET_KEY } from './secrets.ts';
import { type PodVolumes, podVolumes } from './volumes.ts';

/** The container that people mean; failures.ts looks for it by this name. */
export const APPLICATION = 'application';
export const SYNC = 'sync';
export const FILES = 'files';
export const PORT_NAME = 'web';

/** What the application gets to end in good order, then the sync program to send what is left. Below Mountpoint's ten minutes. */
const APPLICATION_GRACE_SECONDS = 30;
const FLUSH_SECONDS = 30;
/** A workspace may be large: the first fetch of it is no failure. */
const RESTORE_WITHIN_SECONDS = 3_600;
const LEAST_CPU_MILLICORES = 10;

/** Autoscalers move what they think can be moved: an environment cannot without losing what is in its memory. */
const STAY = {
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
  'karpenter.sh/do-not-disrupt': 'true',
};

/** @throws invalid_argument when there is no image to run, or its workspace cannot be in a cluster */
export function podOf(order: EnvironmentOrder, settings: ClusterSettings): KubeObject {
  const { spec, spot } = order;
  const { namespace, serviceAccount } = workloadIdentity(settings, spec.ownerId);
  const mount = spec.workspace?.kind === 'kubernetes' ? spec.workspace : null;
  if (mount?.serviceAccount != null && mount.serviceAccount !== serviceAccount)
    throw new AppError('internal', 'The storage was given to another identity than the one that this environment has.');
  const volumes = podVolumes(order, settings);
  const sync = spec.workspace?.kind === 'sync';
  const places = order.homeHoldsFiles || spec.files.length > 0;
  const placement = together([
    settings.placement,
    ...(spec.size.gpus > 0 ? [settings.gpu] : []),
    ...(spot && settings.spot ? [settings.spot] : []),
  ]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: environmentNames(spec.id).pod,
      namespace,
      annotations: { ...mount?.podAnnotations, ...STAY, [ANNOTATIONS.generation]: String(spec.generation) },
    },
    spec: {
      restartPolicy: 'Never',
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: APPLICATION_GRACE_SECONDS + (sync ? FLUSH_SECONDS : 0),
      ...(settings.priorityClass === null ? {} : { priorityClassName: settings.priorityClass }),
      ...(settings.runtimeClass === null ? {} : { runtimeClassName: settings.runtimeClass }),
      ...(settings.pullSecrets.length === 0
        ? {}
        : { imagePullSecrets: settings.pullSecrets.map(({ name }) => ({ name })) }),
      ...(Object.keys(placement.nodeSelector).length === 0 ? {} : { nodeSelector: placement.nodeSelector }),
      ...(placement.tolerations.length === 0 ? {} : { tolerations: placement.tolerations }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER_ID,
        runAsGroup: USER_ID,
        fsGroup: USER_ID,
        // A disk of many files is gone through once, not at each start.
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      initContainers: [
        ...(places ? [filesContainer(settings, volumes)] : []),
        ...(sync ? [syncContainer(order, settings, volumes)] : []),
      ],
      containers: [applicationContainer(order, settings, volumes)],
      volumes: volumes.volumes,
    },
  };
}

function applicationContainer(order: EnvironmentOrder, settings: ClusterSettings, volumes: PodVolumes): object {
  const { spec, command } = order;
  const { run, size } = spec;
  if (run.image === null || parseImage(run.image) === null)
    throw new AppError('invalid_argument', 'This application has no container image, so a cluster cannot run it.');
  if (run.port === null || !Number.isInteger(run.port) || run.port < 1 || run.port > 65_535)
    throw new AppError('invalid_argument', 'This application says no port from 1 to 65535, so nothing could reach it.');
  if (command?.length === 0) throw new AppError('invalid_argument', 'There is no command to run.');
  const { variables } = environmentNames(spec.id);
  const reserved = Math.ceil((size.cpuMillicores * settings.cpuReservedPercent) / 100);
  const memory = printMiB(size.memoryMiB);
  return {
    name: APPLICATION,
    image: run.image,
    ...(command === null ? {} : { command: command.map(literal) }),
    workingDir: volumes.workspacePath,
    ports: [{ name: PORT_NAME, containerPort: run.port, protocol: 'TCP' }],
    // The person's first: what stands in `env` goes before it, whatever they call theirs.
    envFrom: [{ secretRef: { name: variables } }],
    env: variablesOf(
      {
        HOME: HOME_PATH,
        USER: 'user',
        LOGNAME: 'user',
        HOST: '0.0.0.0',
        PORT: String(run.port),
        CMBCLUSTER_ENVIRONMENT_ID: spec.id,
        CMBCLUSTER_WORKSPACE: volumes.workspacePath,
        CMBCLUSTER_URL: spec.url,
      },
      [{ name: SECRET_KEY, valueFrom: { secretKeyRef: { name: variables, key: SECRET_KEY } } }],
    ),
    resources: {
      requests: {
        cpu: printCpu(Math.min(size.cpuMillicores, Math.max(LEAST_CPU_MILLICORES, reserved))),
        memory,
        'ephemeral-storage': printMiB(Math.ceil(settings.scratchMiB / 4)),
      },
      limits: {
        cpu: printCpu(size.cpuMillicores),
        memory,
        'ephemeral-storage': printMiB(settings.scratchMiB),
        ...(size.gpus > 0 ? { [settings.gpu.resource]: String(size.gpus) } : {}),
      },
    },
    ...probes(order),
    securityContext: containerSecurity(settings.readOnlyRoot),
    volumeMounts: volumes.application,
  };
}

/**
 * An application with a secret of its own is asked for a connection only: a header in the pod's probe could be read by everybody who
 * may read pods.
 */
function probes({ spec: { run, readyTimeoutMs } }: EnvironmentOrder): object {
  const handler =
    run.readyPath !== null && run.secretHeader === null
      ? { httpGet: { path: run.readyPath, port: PORT_NAME } }
      : { tcpSocket: { port: PORT_NAME } };
  return {
    startupProbe: {
      ...handler,
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: Math.max(1, Math.ceil(readyTimeoutMs / 1000)),
    },
    readinessProbe: { ...handler, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

/** Runs beside the application from before it begins until after it has ended (a native sidecar, Kubernetes 1.29). */
function syncContainer({ spec }: EnvironmentOrder, { tools }: ClusterSettings, volumes: PodVolumes): object {
  if (spec.workspace?.kind !== 'sync') throw new AppError('internal', 'There is nothing to keep in step.');
  const { access } = spec.workspace;
  return {
    name: SYNC,
    image: tools.image,
    command: tools.sync.map(literal),
    restartPolicy: 'Always',
    envFrom: [{ secretRef: { name: environmentNames(spec.id).sync } }],
    env: variablesOf({
      ...access.variables,
      CMBCLUSTER_SYNC_PROVIDER: access.provider,
      CMBCLUSTER_SYNC_BUCKET: access.bucket,
      CMBCLUSTER_SYNC_WORKSPACE: volumes.workspacePath,
      CMBCLUSTER_SYNC_STATE: SYNC_STATE_PATH,
      CMBCLUSTER_SYNC_FLUSH_SECONDS: String(FLUSH_SECONDS - 3),
    }),
    // Until it succeeds, nothing after it begins: the application finds its files there.
    startupProbe: {
      exec: { command: tools.restored.map(literal) },
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: RESTORE_WITHIN_SECONDS,
    },
    resources: {
      requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '64Mi' },
      limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '1Gi' },
    },
    securityContext: containerSecurity(true),
    volumeMounts: volumes.sync,
  };
}

function filesContainer({ tools }: ClusterSettings, volumes: PodVolumes): object {
  return {
    name: FILES,
    image: tools.image,
    command: tools.placeFiles.map(literal),
    env: variablesOf({ CMBCLUSTER_FILES: FILES_PATH, CMBCLUSTER_HOME: HOME_PATH }),
    resources: {
      requests: { cpu: '10m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
      limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
    },
    securityContext: containerSecurity(true),
    volumeMounts: volumes.files,
  };
}

function containerSecurity(readOnlyRootFilesystem: boolean): object {
  return { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem };
}

/** Kubernetes puts variables in for `$(NAME)` in commands and values; a doubled dollar stands for itself. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function variablesOf(values: Record<string, string>, more: readonly object[] = []): object[] {
  return [...Object.entries(values).map(([name, value]) => ({ name, value: literal(value) })), ...more];
}

/** Later ones win where two name the same label. */
function together(placements: readonly Placement[]): Placement {
  return {
    nodeSelector: Object.assign({}, ...placements.map(({ nodeSelector }) => nodeSelector)),
    tolerations: placements.flatMap(({ tolerations }) => tolerations),
  };
}
