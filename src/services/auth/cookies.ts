/** The cookies of sign-in, in the strongest form that every browser accepts on this origin. */

/**
 * `__Host-` and Secure on https, so that no neighbouring name can plant one; plain on http loopback, where browsers differ in
 * what they take.
 */
export function cookieName(name: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}cmbcluster_${name}`;
}

/** One Set-Cookie line; `maxAgeSeconds` 0 takes the cookie away. The value must be URL-safe. */
export function cookieLine(cookie: { name: string; value: string; maxAgeSeconds: number; secure: boolean }): string {
  const { name, value, maxAgeSeconds, secure } = cookie;
  return `${cookieName(name, secure)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;
}

/** An invitation that this browser showed, kept for the way through an issuer. An empty secret takes it away. */
export function invitationCookie(secret: string, secure: boolean): string {
  return cookieLine({ name: 'invitation', value: secret, maxAgeSeconds: secret === '' ? 0 : 3600, secure });
}
