import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, openTestBed, type TestBed } from '../../boot/test-bed.ts';
import { AppError } from '../../domain/errors.ts';
import type { StorageId } from '../../domain/ids.ts';
import type { Bucket, StorageProvider } from '../../ports/storage/storage.ts';

let bed: TestBed;
let person: Awaited<ReturnType<TestBed['signIn']>>;
let id: StorageId;
beforeEach(async () => {
  bed = await openTestBed();
  person = await bed.signIn('ada');
  await eventually(async () => (await person.api.storages.list())[0]?.status === 'active');
  id = (await person.api.storages.list())[0]?.id ?? ('' as StorageId);
});
afterEach(() => bed.close());

function bucket(): Bucket {
  const { deps } = bed.container;
  return deps.storageOf('memory').bucket(deps.storages.find(id)?.bucket ?? '');
}

const put = async (files: Record<string, string>) => {
  for (const [key, text] of Object.entries(files)) await bucket().put(key, Buffer.from(text));
};

function ask(path: string, init: RequestInit & { cookie?: string } = {}): Promise<Response> {
  const { cookie = person.cookie, ...rest } = init;
  return fetch(`http://localhost:${bed.port}/api/storages/${id}/${path}`, {
    redirect: 'manual',
    ...rest,
    headers: { cookie, 'sec-fetch-site': 'same-origin', ...rest.headers },
  });
}

/** Names in the central directory of a zip (APPNOTE 4.3.12). */
function namesInZip(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let at = bytes.indexOf('PK\u0001\u0002', 0, 'latin1'); at >= 0; ) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    names.push(bytes.toString('utf8', at + 46, at + 46 + (name ?? 0)));
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
    if (bytes.readUInt32LE(at) !== 0x02014b50) break;
  }
  return names;
}

/** The store as all of the deployment sees it, with some of its methods replaced. */
function replaceStore(change: (bucket: Bucket) => Partial<Bucket>): void {
  const { deps } = bed.container;
  const real = deps.storageOf('memory');
  const changed: StorageProvider = {
    ...real,
    bucket(name) {
      const inner = real.bucket(name);
      const extra = change(inner);
      return new Proxy(inner, {
        get: (target, method) => Reflect.get(method in extra ? extra : target, method),
      });
    },
  };
  Object.assign(deps, { storageOf: () => changed });
}

describe('downloads', () => {
  it('answers ranges, and all of it when the browser’s part is of something older', async () => {
    await put({ 'a.txt': '0123456789' });
    const first = await ask('objects?key=a.txt', { headers: { range: 'bytes=2-4' } });
    expect([first.status, await first.text(), first.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    const etag = first.headers.get('etag') ?? '';
    expect((await ask('objects?key=a.txt', { headers: { 'if-none-match': etag } })).status).toBe(304);
    await put({ 'a.txt': 'abcdefghij' });
    const changed = await ask('objects?key=a.txt', { headers: { range: 'bytes=2-4', 'if-range': etag } });
    expect([changed.status, await changed.text()]).toEqual([200, 'abcdefghij']);
  });

  it('reads a kept version', async () => {
    await put({ 'a.txt': 'old' });
    await put({ 'a.txt': 'new' });
    const { versions } = await person.api.files.versions({ id, key: 'a.txt' });
    expect(versions.map(({ replacedAt }) => replacedAt === null)).toEqual([true, false]);
    const old = await ask(`objects?key=a.txt&versionId=${encodeURIComponent(versions[1]?.versionId ?? '')}`);
    expect(await old.text()).toBe('old');
  });

  it('leads to the store where it signs, but not for what pages read', async () => {
    await put({ 'a.txt': 'x' });
    replaceStore((inner) => ({
      capabilities: { ...inner.capabilities, signedUrls: true },
      signedUrl: async () => ({ method: 'GET', url: 'https://store.example.org/a?signed', headers: {} }),
    }));
    const away = await ask('objects?key=a.txt');
    expect([away.status, away.headers.get('location')]).toEqual([302, 'https://store.example.org/a?signed']);
    expect((await ask('objects?key=gone.txt')).status).toBe(404);
    for (const query of ['&preview=1', '&via=server'])
      expect(await (await ask(`objects?key=a.txt${query}`)).text()).toBe('x');
  });

  it('is nobody else’s business', async () => {
    await put({ 'a.txt': 'x' });
    const { cookie, api } = await bed.signIn('eve');
    for (const path of ['objects?key=a.txt', 'zip?prefix=', 'zip?prefix=a/']) {
      expect((await ask(path, { cookie })).status).toBe(404);
    }
    for (const call of [
      api.files.search({ id, query: 'a' }),
      api.files.list({ id }),
      api.files.delete({ id, keys: ['a.txt'] }),
      api.uploads.start({ id, key: 'b', sizeBytes: 1, replace: false }),
      api.storages.usage({ id }),
      api.storages.repair({ id }),
    ])
      await expect(call).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(api.storages.orphans()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('zips', () => {
  it('holds a folder under its own name, empty folders and odd names too', async () => {
    await put({ 'a/b/1.txt': 'one', 'a/b/ä \\2': 'two', 'a/x': 'not this' });
    await bucket().createFolder('a/b/empty');
    const answer = await ask('zip?prefix=a%2Fb%2F');
    expect(answer.headers.get('content-disposition')).toContain('b.zip');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(namesInZip(bytes).sort()).toEqual(['b/', 'b/1.txt', 'b/empty/', 'b/ä _2'].sort());
    expect(bytes.includes('one') && bytes.includes('two')).toBe(true);
  });

  it('takes a selection from a form or as JSON', async () => {
    await put({ 'a/1': 'one', 'b/2': 'two', 'c & d': 'three' });
    const form = new URLSearchParams([
      ['key', 'a/'],
      ['key', 'c & d'],
      ['name', 'mine'],
    ]);
    const asForm = await ask('zip', { method: 'POST', body: form });
    expect(asForm.headers.get('content-disposition')).toContain('mine.zip');
    expect(namesInZip(Buffer.from(await asForm.arrayBuffer()))).toEqual(['a/', 'a/1', 'c & d']);
    const asJson = await ask('zip', { method: 'POST', body: JSON.stringify({ keys: ['b/2'] }) });
    expect(namesInZip(Buffer.from(await asJson.arrayBuffer()))).toEqual(['2']);
    expect((await ask('zip', { method: 'POST', body: '{"keys":[]}' })).status).toBe(400);
    expect((await ask('zip?prefix=gone%2F')).status).toBe(404);
  });

  it('breaks off when a file cannot be read, instead of leaving it out', async () => {
    await put({ 'a/1': 'one', 'a/2': 'two', 'a/3': 'three' });
    replaceStore((inner) => ({
      get: (key, options) =>
        key === 'a/2' ? Promise.reject(new AppError('unavailable', 'Gone away.')) : inner.get(key, options),
    }));
    const answer = await ask('zip?prefix=a%2F');
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it('reads a file only once its turn comes', async () => {
    await put(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`a/${i}`, 'x'.repeat(200_000)])));
    let opened = 0;
    replaceStore((inner) => ({
      get(key, options) {
        opened += 1;
        return inner.get(key, options);
      },
    }));
    const answer = await ask('zip?prefix=a%2F');
    const reader = answer.body?.getReader();
    await reader?.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(opened).toBeLessThan(150);
    await reader?.cancel();
  });
});

describe('uploads in parts', () => {
  const part = (uploadId: string, n: number, body: Uint8Array<ArrayBuffer>) =>
    ask(`uploads/${uploadId}/${n}`, { method: 'PUT', body });

  async function content(key: string): Promise<Buffer> {
    const { body } = await bucket().get(key);
    return Buffer.concat(await body.toArray());
  }

  it('sends parts in any order, tells what is there, and makes one file of them', async () => {
    const { api } = person;
    const started = await api.uploads.start({ id, key: 'big.bin', sizeBytes: 20 * 2 ** 20 + 5, replace: false });
    const whole = Buffer.alloc(20 * 2 ** 20 + 5, 'abcdefg');
    const { uploadId, partSizeBytes, parts } = started;
    const slice = (n: number) => new Uint8Array(whole.subarray((n - 1) * partSizeBytes, n * partSizeBytes));
    for (let n = parts; n > 1; n -= 1) expect((await part(uploadId, n, slice(n))).status).toBe(200);
    await expect(api.uploads.complete({ id, uploadId })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    expect((await api.uploads.parts({ id, uploadId })).map(({ number }) => number)).not.toContain(1);
    expect((await api.uploads.list({ id })).map((upload) => upload.uploadId)).toEqual([uploadId]);
    await part(uploadId, 1, slice(1));
    expect(await api.uploads.complete({ id, uploadId })).toMatchObject({ key: 'big.bin', sizeBytes: whole.length });
    expect((await content('big.bin')).equals(whole)).toBe(true);
    expect(await api.uploads.list({ id })).toEqual([]);
  });

  it('refuses parts of a wrong length, of another upload, of another person', async () => {
    const { uploadId } = await person.api.uploads.start({ id, key: 'a', sizeBytes: 10, replace: false });
    expect((await part(uploadId, 1, new Uint8Array(11))).status).toBe(400);
    expect((await part(uploadId, 2, new Uint8Array(10))).status).toBe(400);
    expect((await part('upl-00000000000000000000', 1, new Uint8Array(10))).status).toBe(404);
    const { cookie } = await bed.signIn('eve');
    const theirs = await ask(`uploads/${uploadId}/1`, { method: 'PUT', body: new Uint8Array(10), cookie });
    expect(theirs.status).toBe(404);
  });

  it('asks before it replaces what came into being meanwhile', async () => {
    const { api } = person;
    const { uploadId } = await api.uploads.start({ id, key: 'a', sizeBytes: 3, replace: false });
    await part(uploadId, 1, new Uint8Array([1, 2, 3]));
    await put({ a: 'other' });
    await expect(api.uploads.complete({ id, uploadId })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await api.uploads.complete({ id, uploadId, replace: true })).toMatchObject({ sizeBytes: 3 });
    await expect(api.uploads.start({ id, key: 'a', sizeBytes: 3, replace: false })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('forgets what is called off', async () => {
    const { api } = person;
    const { uploadId } = await api.uploads.start({ id, key: 'a', sizeBytes: 3, replace: false });
    await api.uploads.abort({ id, uploadId });
    await api.uploads.abort({ id, uploadId });
    expect(await api.uploads.list({ id })).toEqual([]);
    expect((await part(uploadId, 1, new Uint8Array(3))).status).toBe(404);
  });
});

describe('looking for files', () => {
  it('finds files and folders by their name, in any case, page after page', async () => {
    await put(Object.fromEntries(Array.from({ length: 450 }, (_, i) => [`maps/Planck-${i}.fits`, ''])));
    await put({ 'planck/readme': '', 'other/x': '' });
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { entries: { key: string }[]; next: string | null } = await person.api.files.search({
        id,
        query: 'planck',
        cursor,
      });
      expect(page.entries.length).toBeLessThanOrEqual(201);
      found.push(...page.entries.map(({ key }) => key));
      cursor = page.next;
    } while (cursor !== null);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toHaveLength(451);
    expect(found).toContain('planck/');
  });

  it('lists what is deleted below a folder, all of it, once', async () => {
    const files = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`a/${i}`, 'x']));
    await put({ ...files, 'a/stays': 'x', 'b/1': 'x' });
    await put({ 'a/5': 'y' });
    await person.api.files.delete({ id, keys: Object.keys(files) });
    const keys: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { entries: { key: string }[]; next: string | null } = await person.api.files.deleted({
        id,
        folder: 'a/',
        cursor,
      });
      keys.push(...page.entries.map(({ key }) => key));
      cursor = page.next;
    } while (cursor !== null);
    expect(keys.sort()).toEqual(Object.keys(files).sort());
  });

  it('purges a version only when its name is typed', async () => {
    await put({ 'a/x': 'old' });
    await put({ 'a/x': 'new' });
    const { versions } = await person.api.files.versions({ id, key: 'a/x' });
    const versionId = versions[1]?.versionId ?? '';
    await expect(person.api.files.purge({ id, key: 'a/x', versionId, confirm: 'y' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await person.api.files.purge({ id, key: 'a/x', versionId, confirm: 'x' });
    expect((await person.api.files.versions({ id, key: 'a/x' })).versions).toHaveLength(1);
  });
});
