/**
 * Which names in a Host field are environments' origins. Two questions with different answers on purpose: `claims` is wide, so
 * that nothing that looks like an environment's host ever falls through to the application; `slug` is strict.
 */
export interface Hosts {
  /** True for any spelling of a name under the apps domain, malformed ones included, except the application's own host. */
  claims(host: string | undefined): boolean;
  /** The environment's slug of a well-formed `<slug>.<appsDomain>[:port]`, else null. */
  slug(host: string | undefined): string | null;
}

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const REMEMBERED = 1000;

/**
 * @param appsDomain name under which each environment has its own host; a port in it is ignored.
 * @param appOrigin the application's own origin, whose host may itself lie under the apps domain.
 */
export function createHosts(appsDomain: string, appOrigin: string): Hosts {
  const domain = appsDomain.toLowerCase().replace(/:\d+$/, '').replaceAll('.', '\\.');
  const strict = new RegExp(`^(${LABEL})\\.${domain}(?::([0-9]{1,5}))?$`, 'i');
  const wide = new RegExp(`\\.${domain}\\.*\\s*(?::.*)?$`, 'is');
  const appHost = new URL(appOrigin).hostname.toLowerCase();
  const known = new Map<string, string>();

  function isApp(host: string): boolean {
    return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '') === appHost;
  }

  return {
    claims(host) {
      return host !== undefined && (known.has(host) || (wide.test(host) && !isApp(host)));
    },
    slug(host) {
      if (host === undefined) return null;
      const hit = known.get(host);
      if (hit !== undefined) return hit;
      const match = strict.exec(host);
      if (match === null || isApp(host) || Number(match[2] ?? 1) > 65_535) return null;
      const slug = (match[1] ?? '').toLowerCase();
      if (known.size >= REMEMBERED) known.clear();
      known.set(host, slug);
      return slug;
    },
  };
}
