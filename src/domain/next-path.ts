/** Where to go after signing in. Pure. */

/**
 * The wanted page if it is a path of this origin, else "/". Refuses other origins in every spelling that browsers follow
 * (`//host`, `/\host`, control characters), the sign-in page itself and the API.
 */
export function safeNextPath(next: string | null | undefined, origin: string): string {
  if (!next?.startsWith('/') || /[\\\p{Cc}]/u.test(next)) return '/';
  let url: URL;
  try {
    url = new URL(next, origin);
  } catch {
    return '/';
  }
  if (url.origin !== origin || url.pathname.startsWith('//')) return '/';
  if (url.pathname === '/sign-in' || url.pathname.startsWith('/api/')) return '/';
  return url.pathname + url.search + url.hash;
}
