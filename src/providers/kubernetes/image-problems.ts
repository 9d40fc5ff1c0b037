/** Why an image does not come, from what the container runtime says. Runtimes word it differently; the patterns know several. */
import { matchProblem, PATIENCE, type Pattern, type Problem } from './problem.ts';

export const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

const image = { reason: 'image_pull', step: 'image' } as const;
const never = { ...image, retryHelps: false, patienceMs: PATIENCE.none };
const later = { ...image, retryHelps: true, patienceMs: PATIENCE.outage };

const PATTERNS: readonly Pattern[] = [
  {
    ...never,
    test: /InvalidImageName|couldn't parse image|invalid reference format/i,
    message: 'The name of its image cannot be read. An administrator must correct it in the catalog.',
  },
  {
    ...never,
    test: /ErrImageNeverPull|is not present with pull policy of Never/i,
    message: 'The cluster was told never to fetch its image, and the machine does not have it.',
  },
  {
    ...never,
    test: /SignatureValidationFailed|signature (?:validation|verification)/i,
    message: 'The signature of its image is not the one that the cluster asks for.',
  },
  {
    ...later,
    test: /toomanyrequests|too many requests|rate limit|\b429\b/i,
    message: 'The registry of its image asks us to fetch less often. Wait a few minutes, then start it again.',
  },
  {
    ...never,
    test: /no match(?:ing manifest)? for (?:platform|\w+\/\w+)|does not match the specified platform|exec format error/i,
    message: 'Its image was not made for the kind of processor that the machines here have.',
  },
  {
    // Registries answer "denied" for what is not there too, so that nobody learns what is.
    ...never,
    test: /unauthorized|authentication required|no basic auth|pull access denied|authorization failed|\b40[13]\b|forbidden|denied/i,
    message:
      'The registry does not give out its image: it does not exist, or the cluster may not read it. An administrator must check its name and the pull secret.',
  },
  {
    ...never,
    test: /not found|manifest unknown|name unknown|\b404\b/i,
    message: 'Its image does not exist. An administrator must correct its name or tag in the catalog.',
  },
  {
    ...later,
    test: /no space left on device/i,
    message: 'The disk of its machine is full, so its image does not fit. Start it again: it may get another machine.',
  },
  {
    ...later,
    test: /x509|certificate|tls/i,
    message: 'The registry of its image shows a certificate that the cluster does not trust.',
  },
  {
    ...later,
    test: /no such host|server misbehaving|i\/o timeout|connection refused|connection reset|deadline exceeded|unreachable|unavailable|\b5\d\d\b|EOF/i,
    message: 'The registry of its image does not answer. The cluster keeps trying.',
  },
];

export function imageProblem(text: string, since: number): Problem {
  return (
    matchProblem(PATTERNS, text, since) ?? {
      ...later,
      message: 'Its image could not be fetched. The events show what the registry said.',
      since,
    }
  );
}
