/**
 * Who this deployment is to Cloud Storage, by the SDK: a service-account key, the metadata server of a cluster, federation. It
 * gives tokens for requests and signatures for links; the one file that loads the SDK, when the provider is opened.
 */
import { readFile } from 'node:fs/promises';
import type { Logger } from '../../ports/provider.ts';

export interface Credentials {
  /** Whether the endpoint asks for any. */
  needed: boolean;
  /** Headers of one request; renewed by the SDK before they expire. */
  authorize(): Promise<Record<string, string>>;
  /** Null where nothing here can sign; `reason` of the lack is then a sentence for people. */
  signer: Signer | null;
  unsignedReason: string | null;
}

export interface Signer {
  email: string;
  /** RSA-SHA256, hexadecimal. */
  sign(text: string): Promise<string>;
}

/** A server for tests that asks nobody who they are. */
export function anonymous(): Credentials {
  return {
    needed: false,
    authorize: async () => ({}),
    signer: null,
    unsignedReason: 'This endpoint is used without credentials, so there is nothing to sign links with.',
  };
}

const PROBE_MS = 10_000;

/**
 * @param keyFile path of a service-account key; undefined = application default credentials
 * @throws Error of the SDK when there are none
 */
export async function sdkCredentials(
  options: { projectId: string; keyFile: string | undefined },
  log: Logger,
): Promise<Credentials> {
  const { Storage } = await import('@google-cloud/storage');
  const { projectId, keyFile } = options;
  const key = keyFile === undefined ? {} : { credentials: JSON.parse(await readFile(keyFile, 'utf8')) };
  const auth = new Storage({ projectId, ...key }).authClient;
  const client = await auth.getClient();
  // A key signs its own tokens: no round trip to the token server, which Cloud Storage does not ask for.
  if ('useJWTAccessWithScope' in client) client.useJWTAccessWithScope = true;
  const authorize = async (): Promise<Record<string, string>> => Object.fromEntries(await auth.getRequestHeaders());
  const sign = async (text: string): Promise<string> => Buffer.from(await auth.sign(text), 'base64').toString('hex');
  try {
    const { client_email: email } = await within(auth.getCredentials(), PROBE_MS);
    if (!email) throw new Error('the credentials name no service account');
    await within(sign('probe'), PROBE_MS);
    return { needed: true, authorize, signer: { email, sign }, unsignedReason: null };
  } catch (error) {
    log.warn('Links cannot be signed; uploads and downloads go through the server.', { error: String(error) });
    return {
      needed: true,
      authorize,
      signer: null,
      unsignedReason: 'The credentials hold no key and may not sign by the IAM API.',
    };
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
