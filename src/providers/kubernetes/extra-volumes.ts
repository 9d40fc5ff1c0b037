/**
 * Volumes that an administrator adds to every environment (a shared data set, a scratch disk): a JSON template, read once at boot
 * and refused there when a pod could not carry it, when Pod Security would refuse it, or when it would lie over what is ours. Claims,
 * config maps and Secrets that it names must be in the namespaces of environments: with one for each person, in every one.
 */
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import { HOME_PATH, OURS_PATH, WORKSPACE_PATH } from './paths.ts';
import { parseQuantity } from './quantities.ts';

/** They get a prefix of their own in the pod, so that none is called like one of ours. */
const PREFIX = 'extra-';

const label = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?$/, 'Use a DNS label of at most 52 characters.');
/** `{owner}` and `{environment}` are put in later; a name is checked as it will be. */
const objectName = z
  .string()
  .refine(
    (text) => /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(filled(text)),
    'Use the name of an object; {owner} and {environment} may be part of it.',
  );
const quantity = z.string().refine((text) => parseQuantity(text) !== null, 'Use a quantity such as 10Gi.');
const relative = z
  .string()
  .refine(
    (text) => /^[^/:\p{Cc}][^:\p{Cc}]*$/u.test(text) && !text.split('/').includes('..') && !/\$\(/.test(text),
    'Use a relative path without “..”.',
  );
const absolute = z
  .string()
  .refine(
    (text) => /^\/[^:\p{Cc}]+$/u.test(text) && !text.split('/').some((part) => part === '..' || part === '.'),
    'Use an absolute path without “:”, “.” and “..”.',
  )
  .refine((text) => !isOurs(text), 'This path belongs to environments themselves.');

const source = z.union(
  [
    z.strictObject({
      persistentVolumeClaim: z.strictObject({ claimName: objectName, readOnly: z.boolean().optional() }),
    }),
    z.strictObject({ configMap: z.strictObject({ name: objectName, optional: z.boolean().optional() }) }),
    z.strictObject({ secret: z.strictObject({ secretName: objectName, optional: z.boolean().optional() }) }),
    z.strictObject({
      emptyDir: z.strictObject({ sizeLimit: quantity, medium: z.enum(['', 'Memory']).optional() }),
    }),
    z.strictObject({
      csi: z.strictObject({
        driver: objectName,
        readOnly: z.boolean().optional(),
        volumeAttributes: z.record(z.string(), z.string()).optional(),
      }),
    }),
  ],
  'Give one of persistentVolumeClaim, configMap, secret, emptyDir or csi, and nothing else: Pod Security allows no folders of the machine.',
);

const template = z
  .strictObject({
    volumes: z.array(z.strictObject({ name: label, source })).max(20),
    mounts: z
      .array(
        z.strictObject({
          name: label,
          mountPath: absolute,
          subPath: relative.optional(),
          readOnly: z.boolean().optional(),
        }),
      )
      .max(40),
  })
  .superRefine(({ volumes, mounts }, context) => {
    const names = volumes.map(({ name }) => name);
    const paths = mounts.map(({ mountPath }) => mountPath);
    const say = (message: string) => context.addIssue({ code: 'custom', message });
    if (new Set(names).size < names.length) say('Two volumes have one name.');
    if (new Set(paths).size < paths.length) say('Two mounts have one path.');
    for (const { name } of mounts) if (!names.includes(name)) say(`The mount “${name}” has no volume.`);
  });

export type ExtraVolumes = z.infer<typeof template>;

/** @throws invalid_argument naming every problem and where it is */
export function parseExtraVolumes(text: string): ExtraVolumes {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new AppError('invalid_argument', 'The extra volumes are no JSON.');
  }
  const { success, data, error } = template.safeParse(given);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'template'}: ${message}`);
  throw new AppError('invalid_argument', `The extra volumes cannot be used. ${problems.join(' ')}`, {
    details: { problems },
  });
}

/** As a pod has them. */
export function extraVolumesOf(
  extra: ExtraVolumes | null,
  ids: { owner: UserId; environment: EnvironmentId },
): { volumes: object[]; mounts: object[] } {
  if (!extra) return { volumes: [], mounts: [] };
  const fill = (node: unknown): unknown => {
    if (typeof node === 'string') return filled(node, ids);
    if (Array.isArray(node)) return node.map(fill);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fill(value)]));
  };
  return {
    volumes: extra.volumes.map(({ name, source: from }) => ({ name: PREFIX + name, ...(fill(from) as object) })),
    mounts: extra.mounts.map(({ name, ...rest }) => ({ name: PREFIX + name, ...(fill(rest) as object) })),
  };
}

const SAMPLE = { owner: `usr-${'0'.repeat(20)}`, environment: `env-${'0'.repeat(20)}` };

function filled(text: string, ids: Readonly<Record<'owner' | 'environment', string>> = SAMPLE): string {
  return text.replace(/\{(owner|environment)\}/g, (_, word: 'owner' | 'environment') => ids[word]);
}

/** Over, in or around what environments have anyway; folders inside the home may be added. */
function isOurs(path: string): boolean {
  const clean = path.replace(/\/+/g, '/').replace(/\/$/, '');
  const within = (folder: string) => clean === folder || clean.startsWith(`${folder}/`);
  const around = (folder: string) => folder.startsWith(`${clean}/`);
  return (
    [WORKSPACE_PATH, OURS_PATH, '/tmp', '/dev', '/proc', '/sys'].some((folder) => within(folder) || around(folder)) ||
    clean === HOME_PATH ||
    around(HOME_PATH) ||
    ['', '/etc', '/usr', '/bin', '/lib', '/var/run'].includes(clean)
  );
}
