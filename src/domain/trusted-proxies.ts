/** Which machines in front of the server are believed when they say whom they speak for. Named by the operator, never guessed. */

/** The one field that these proxies set, and replace or extend when a client sent it. */
export const PROXY_FIELDS = ['x-forwarded-for', 'forwarded'] as const;
export type ProxyField = (typeof PROXY_FIELDS)[number];

export interface TrustedProxies {
  readonly field: ProxyField;
  /** @param address as `node:net` writes it, IPv4 without the prefix of a dual-stack socket */
  includes(address: string): boolean;
}

export const NO_PROXIES: TrustedProxies = { field: 'x-forwarded-for', includes: () => false };
