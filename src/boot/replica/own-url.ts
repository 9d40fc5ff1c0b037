/** Where the other servers of a deployment reach this one, unless somebody says so (REPLICA_URL). */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Every address of the machine. */
const ANY = new Set(['0.0.0.0', '::']);
/** Not reached from elsewhere without naming the interface. */
const LINK_LOCAL = /^(169\.254\.|fe80:)/i;

/** @param addresses of the machine's interfaces, loopback aside */
export function ownUrl(
  { host, port }: { host: string; port: number },
  addresses: readonly string[] = addressesOfMachine(),
): string {
  const address = ANY.has(host) ? (addresses.find((one) => !isIPv6(one)) ?? addresses[0] ?? '127.0.0.1') : host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

function addressesOfMachine(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address))
    .map(({ address }) => address);
}
