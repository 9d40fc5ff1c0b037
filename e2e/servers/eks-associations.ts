/**
 * The four requests for Pod Identity associations of EKS, which no test server knows, for the SDK's own client: one association a
 * service account, as EKS has it. A stand-in, strict about what the cloud is strict about; it proves requests, not rights.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

export interface AssociationRequest {
  namespace?: string;
  serviceAccount?: string;
  roleArn: string;
  policy?: string;
  disableSessionTags?: boolean;
  tags?: Record<string, string>;
}

export interface EksAssociations {
  url: string;
  /** Those that exist, by `namespace/serviceAccount`. */
  held: ReadonlyMap<string, AssociationRequest & { associationId: string }>;
  /** Method and answer of each request, in order. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Partial<AssociationRequest>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : JSON.parse(text);
}

export async function startEksAssociations(clusterName: string): Promise<EksAssociations> {
  const held = new Map<string, AssociationRequest & { associationId: string }>();
  const calls: string[] = [];
  const base = `/clusters/${clusterName}/pod-identity-associations`;
  const keyById = (id: string) => [...held].find(([, { associationId }]) => associationId === id)?.[0];

  function answer(method: string, url: URL, body: Partial<AssociationRequest>): [number, object] {
    if (!url.pathname.startsWith(base)) return [404, { __type: 'ResourceNotFoundException' }];
    const id = url.pathname.slice(base.length + 1);
    // A policy narrows a session only when the session carries no tags.
    const tagged = body.policy !== undefined && body.disableSessionTags !== true;
    if (tagged) return [400, { __type: 'InvalidParameterException' }];
    if (id === '') {
      const from = method === 'GET' ? Object.fromEntries(url.searchParams) : body;
      const key = `${from.namespace}/${from.serviceAccount}`;
      const known = held.get(key);
      if (method === 'GET') return [200, { associations: known ? [known] : [] }];
      if (known) return [409, { __type: 'ResourceInUseException' }];
      const association = { ...body, roleArn: body.roleArn ?? '', associationId: `a-${randomUUID()}` };
      held.set(key, association);
      return [200, { association }];
    }
    const key = keyById(id);
    const association = key === undefined ? undefined : held.get(key);
    if (key === undefined || !association) return [404, { __type: 'ResourceNotFoundException' }];
    if (method === 'DELETE') held.delete(key);
    if (method === 'POST') held.set(key, { ...association, ...body });
    return [200, { association: held.get(key) ?? association }];
  }

  const server = createServer(async (request, reply) => {
    const { method = 'GET', url = '/' } = request;
    const [status, document] = answer(method, new URL(url, 'http://eks'), await bodyOf(request));
    calls.push(`${method} ${status}`);
    const type = Reflect.get(document, '__type');
    const error: Record<string, string> = typeof type === 'string' ? { 'x-amzn-errortype': type } : {};
    reply.writeHead(status, { 'content-type': 'application/json', ...error }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    held,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
