/**
 * A FAKE of Cloud Storage, for tests only: it holds everything in memory and knows the part of the JSON and XML APIs that this
 * project uses. It is strict where other emulators are lax: credentials, signatures, bucket names, every precondition, etags of
 * policies, checksums, pieces of resumable sessions, versions, settings. What it has not seen from the real service it does not
 * prove. Started by tests in their own process.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Call, type Faults } from './call.ts';
import { deleteObject, listObjects, patchObject, readObject, rewriteObject } from './json-objects.ts';
import { checkSignature, checkToken, newServiceAccount, type ServiceAccount } from './proof.ts';
import { answerRefusal, conditionNotMet, invalid, Refusal } from './refusal.ts';
import { checkSettings, type HeldBucket, isRecord, type Json, newEtag, PROJECT_NUMBER, State } from './state.ts';
import { continueSession, upload } from './uploads.ts';
import { corsHeaders, xmlCall } from './xml-api.ts';

/** Refused instead of done, for the next requests that match. */
export interface Injection {
  method?: string;
  /** Of path and query. */
  path?: RegExp;
  status: number;
  headers?: Record<string, string>;
  times: number;
  /** Done, and then answered so: as when an answer is lost. */
  afterwards?: boolean;
}

export interface StrictGcs {
  url: string;
  account: ServiceAccount;
  /** As a key file of that account holds it. */
  keyFile: string;
  state: State;
  faults: Faults;
  inject(injection: Injection): void;
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[];
  stop(): Promise<void>;
}

export async function startStrictGcs(): Promise<StrictGcs> {
  const account = newServiceAccount('tests@strict-fake.iam.gserviceaccount.com');
  const state = new State();
  const faults: Faults = { uploads: false, downloads: false };
  const injections: Injection[] = [];
  const requests: string[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '/';
    const url = new URL(target.replace(/^\/+/, '/'), `http://${request.headers.host}`);
    const xml = !/^\/(storage|upload)\//.test(url.pathname);
    requests.push(`${request.method} ${target}`);
    const call = new Call(request, response, { url, faults });
    try {
      const injected = injections.find(
        ({ method, path, times }) =>
          times > 0 && (method ?? request.method) === request.method && (path ?? /^/).test(target),
      );
      if (injected) injected.times -= 1;
      const refusal = injected && new Refusal(injected.status, 'injected', 'Injected.', injected.headers);
      if (refusal && !injected.afterwards) throw refusal;
      if (refusal) call.answer = () => answerRefusal(response, refusal, xml);
      await route(call, { state, account, xml });
    } catch (error) {
      if (response.headersSent) return;
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'backendError', String(error));
      request.resume();
      answerRefusal(
        response,
        new Refusal(refusal.status, refusal.reason, refusal.message, { ...call.extraHeaders, ...refusal.headers }),
        xml,
      );
    }
  }

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${address.port}`,
    account,
    keyFile: JSON.stringify({
      type: 'service_account',
      project_id: 'strict-fake',
      client_email: account.email,
      private_key: account.privateKey,
    }),
    state,
    faults,
    inject: (injection) => injections.push({ ...injection }),
    requests,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Ground {
  state: State;
  account: ServiceAccount;
  xml: boolean;
}

async function route(call: Call, { state, account, xml }: Ground): Promise<void> {
  const raw = (call.request.url ?? '').split('?')[0] ?? '';
  if (xml) return routeXml(call, { state, account, raw });
  const path = raw.split('/').map(decodeURIComponent);
  // A session's address is a secret of its own.
  if (raw.startsWith('/upload/') && call.query.has('upload_id')) return continueSession(call, state);
  checkToken(call.request, account);
  if (path[1] === 'upload') return upload(call, state, state.bucket(path[5] ?? ''));
  const [, , , , bucket, kind, name, verb, , toBucket, , toName] = path;
  if (bucket === undefined) return buckets(call, state);
  const held = state.bucket(bucket);
  if (kind === 'iam') return policy(call, held);
  if (kind === undefined) return oneBucket(call, state, held);
  if (name === undefined) return call.answerJson(listObjects(call, held));
  const place = { held, name };
  if (verb === 'rewriteTo') {
    const to = { bucket: toBucket ?? '', name: toName ?? '' };
    return rewriteObject(call, state, { from: { bucket, name }, to });
  }
  if (call.method === 'GET') return readObject(call, state, place);
  if (call.method === 'PATCH') return patchObject(call, state, place);
  if (call.method === 'DELETE') return deleteObject(call, state, place);
  throw new Refusal(405, 'methodNotAllowed', 'Not in this fake.');
}

async function routeXml(call: Call, { state, account, raw }: { state: State; account: ServiceAccount; raw: string }) {
  const slash = raw.indexOf('/', 1);
  const bucket = decodeURIComponent(raw.slice(1, slash < 0 ? undefined : slash));
  const name = slash < 0 ? '' : decodeURIComponent(raw.slice(slash + 1));
  const held = state.bucket(bucket);
  Object.assign(call.extraHeaders, corsHeaders(call, held));
  if (call.method === 'OPTIONS') return call.answer(200, Buffer.alloc(0), {});
  if (call.query.has('X-Goog-Signature')) checkSignature(call.request, call.url, account);
  else checkToken(call.request, account);
  await xmlCall(call, state, { held, name });
}

function bucketResource(held: HeldBucket): Json {
  return {
    kind: 'storage#bucket',
    ...held.settings,
    name: held.name,
    metageneration: String(held.metageneration),
    timeCreated: held.timeCreated,
    projectNumber: PROJECT_NUMBER,
  };
}

async function buckets(call: Call, state: State): Promise<void> {
  const project = call.query.get('project');
  if (!project) throw invalid('Required parameter: project');
  if (call.method === 'POST') {
    const { name, ...settings } = await call.json();
    return call.answerJson(bucketResource(state.createBucket(String(name), project, settings)));
  }
  const prefix = call.query.get('prefix') ?? '';
  const most = Math.min(1000, Number(call.query.get('maxResults') ?? 1000));
  const after = call.query.get('pageToken') ?? '';
  const names = [...state.buckets.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
  const page = names.slice(0, most);
  const items = page.map((name) => bucketResource(state.bucket(name)));
  call.answerJson({ kind: 'storage#buckets', items, nextPageToken: names.length > most ? page.at(-1) : undefined });
}

async function oneBucket(call: Call, state: State, held: HeldBucket): Promise<void> {
  const match = call.query.get('ifMetagenerationMatch');
  if (match !== null && match !== String(held.metageneration)) throw conditionNotMet();
  if (call.method === 'GET') return call.answerJson(bucketResource(held));
  if (call.method === 'DELETE') {
    if (held.objects.size > 0) throw new Refusal(409, 'conflict', 'The bucket you tried to delete is not empty.');
    state.buckets.delete(held.name);
    return call.answer(204, Buffer.alloc(0), {});
  }
  const patch = await call.json();
  checkSettings(patch);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete held.settings[name];
    else held.settings[name] = value;
  }
  held.metageneration += 1;
  call.answerJson(bucketResource(held));
}

async function policy(call: Call, held: HeldBucket): Promise<void> {
  if (call.method === 'GET') {
    const conditional = held.policy.bindings.some(({ condition }) => condition !== undefined);
    if (conditional && call.query.get('optionsRequestedPolicyVersion') !== '3')
      throw invalid('Policy version 3 is needed.');
    return call.answerJson({ kind: 'storage#policy', ...held.policy });
  }
  const wanted = await call.json();
  if (wanted.etag !== held.policy.etag) throw new Refusal(412, 'conditionNotMet', 'The etag does not match.');
  const bindings = Array.isArray(wanted.bindings) ? wanted.bindings.filter(isRecord) : [];
  for (const { members } of bindings) {
    const all = Array.isArray(members) ? members.map(String) : [];
    if (
      all.length === 0 ||
      all.some(
        (member) =>
          !/^(principal|user|group|serviceAccount|domain|projectViewer|projectOwner|projectEditor)(Set)?:/.test(member),
      )
    ) {
      throw invalid('Invalid member');
    }
    if (all.some((member) => /^all(Authenticated)?Users$/.test(member)))
      throw new Refusal(412, 'conditionNotMet', 'Public access is prevented.');
  }
  held.policy = { etag: newEtag(), version: Number(wanted.version ?? 1), bindings };
  call.answerJson({ kind: 'storage#policy', ...held.policy });
}
