/**
 * moto: keeps what is configured on buckets and gives it back. Its objects are no measure: it compares no checksum and races of
 * conditional writes have two winners now and then.
 */
import { type RunningServer, startServer } from './server.ts';

/** moto's own account takes any. */
export const MOTO_CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };

export function startMoto(): Promise<RunningServer> {
  return startServer({
    program: 'moto',
    executable: 'moto_server',
    args: ({ port }) => ['-H', '127.0.0.1', '-p', String(port)],
    readyPath: '/moto-api/',
    readyWithinMs: 60_000,
  });
}
