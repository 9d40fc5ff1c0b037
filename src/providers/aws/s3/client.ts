/**
 * The connections to one S3 endpoint: built once for each provider that is opened, shared by everything in this folder. All
 * retries of the SDK are off (the portable wrapper retries), time limits come as signals, and no checksum is invented by the SDK:
 * it would sign the checksum of an empty body into links for browsers.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3Access {
  region: string;
  /** null = the cloud's own endpoint of the region. */
  endpoint: string | null;
  forcePathStyle: boolean;
  /** null = the SDK's own chain: environment, web identity, container and machine roles. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
}

export interface S3Connection {
  client: S3Client;
  /** Signs links and sends nothing. */
  signer: S3Client;
  close(): void;
}

/** More at once than this only queue at the store, and cost a socket each. */
const MAX_SOCKETS = 128;
/** What a download may be ahead of its reader: a slow one then gets a few large chunks instead of many small ones. */
const AHEAD_BYTES = 512 * 1024;

/** Where the answer's `Date` header is kept on an output: S3 does not say when it stored what was put. */
const ANSWERED_AT = Symbol('answeredAt');

interface HttpAnswer {
  response: { headers?: Record<string, string> };
  output: object;
}

export function connect(access: S3Access): S3Connection {
  const sockets = { keepAlive: true, maxSockets: MAX_SOCKETS, highWaterMark: AHEAD_BYTES };
  const agents = { httpAgent: new HttpAgent(sockets), httpsAgent: new HttpsAgent(sockets) };
  const config: S3ClientConfig = {
    region: access.region,
    ...(access.endpoint === null ? {} : { endpoint: access.endpoint }),
    forcePathStyle: access.forcePathStyle,
    ...(access.credentials === null ? {} : { credentials: access.credentials }),
    maxAttempts: 1,
    // What is added below is the same for every request: the chain of each command is built once.
    cacheMiddleware: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { ...agents, connectionTimeout: 5_000, requestTimeout: 0 },
  };
  const client = new S3Client(config);
  const signer = new S3Client(config);
  // Asked for by hand: as a parameter it would make the SDK compute a checksum of each body that the wrapper computes anyway.
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const request = args.request as { headers?: Record<string, string> };
      if (context.commandName === 'GetObjectCommand' || context.commandName === 'HeadObjectCommand') {
        request.headers = { ...request.headers, 'x-amz-checksum-mode': 'ENABLED' };
      }
      return next(args);
    },
    { step: 'build', name: 'askForChecksum' },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const { response, output } = answer as unknown as HttpAnswer;
      const date = Date.parse(response.headers?.date ?? '');
      if (!Number.isNaN(date)) Object.defineProperty(output, ANSWERED_AT, { value: date });
      return answer;
    },
    { step: 'deserialize', name: 'keepDate', priority: 'high' },
  );
  return {
    client,
    signer,
    close() {
      client.destroy();
      signer.destroy();
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

/** Unix milliseconds, whole seconds, by the store's clock; `fallback` when it told no time. */
export function answeredAt(output: object, fallback: number): number {
  const kept: unknown = Reflect.get(output, ANSWERED_AT);
  return wholeSeconds(typeof kept === 'number' ? kept : fallback);
}

/** Headers carry whole seconds, lists may carry more: one object must not have two times. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
