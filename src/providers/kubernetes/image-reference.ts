/** Names of container images: whether a text is one, and whether a deployment lets it run. Pure. */

const MAX_LENGTH = 512;
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d{1,5})?$/;
const PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const END = /^(?<path>.+?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Fields of `[registry/]path[:tag][@sha256:…]`; null = no reference that every registry understands. */
export function parseImage(
  text: string,
): { registry: string | null; path: string; tag: string | null; digest: string | null } | null {
  if (text.length > MAX_LENGTH) return null;
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  // As the container runtimes decide: a dot, a port or localhost makes the first part a registry.
  const registry = /[.:]/.test(first) || first === 'localhost' ? first : null;
  if (registry !== null && !HOST.test(registry)) return null;
  const { path = '', tag, digest } = END.exec(registry === null ? text : text.slice(slash + 1))?.groups ?? {};
  if (!path.split('/').every((part) => PART.test(part))) return null;
  return { registry, path, tag: tag ?? null, digest: digest ?? null };
}

/**
 * Whether one of the patterns matches the whole reference. `*` stands for anything but a slash, `**` for anything. No patterns: all
 * may run.
 */
export function isImageAllowed(image: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => expressionOf(pattern).test(image));
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`);
}
