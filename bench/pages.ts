/**
 * Script that a browser loads with each page's document: every script tag and preloaded script of the built page, compressed as the
 * server sends it. Polyfills that only old browsers load (`nomodule`) do not count.
 */
import { gzipSync } from 'node:zlib';
import { machine, type Report, type Row, type RunOptions } from './report.ts';
import { ownerOf, seedEnvironments, withData } from './seed.ts';
import { type BenchServer, startServer } from './server.ts';

const MOST_KIB = 200;

export async function run(_options: RunOptions): Promise<Report> {
  const server = await startServer();
  try {
    const { environment, storage } = await withData(server, (data) => {
      const owner = ownerOf(data).id;
      seedEnvironments(data, owner, 3);
      const [first] = data.environments.page(owner, { after: null, limit: 1 });
      return { environment: first?.id, storage: data.storages.listOwned(owner)[0]?.id };
    });
    const help = await server.get('/help');
    const pages: Record<string, string> = {
      '/sign-in': '/sign-in',
      '/': '/',
      '/catalog': '/catalog',
      '/catalog/launch': '/catalog/launch?app=terminal',
      '/environments': '/environments',
      '/environments/<id>': `/environments/${environment}`,
      '/storage': '/storage',
      '/storage/<id>': `/storage/${storage}`,
      '/settings': '/settings',
      '/help': '/help',
      '/help/<topic>': /href="(\/help\/[^"]+)"/.exec(help.body.toString())?.[1] ?? '/help/none',
    };
    const sizes = new Map<string, Promise<number>>();
    const rows: Row[] = [];
    for (const [name, path] of Object.entries(pages)) rows.push(row(name, await weigh(server, path, sizes)));
    return { name: 'pages', machine: machine(), rows };
  } finally {
    await server.stop();
  }
}

async function weigh(server: BenchServer, path: string, sizes: Map<string, Promise<number>>): Promise<number> {
  const signedOut = path === '/sign-in' ? { cookie: '' } : undefined;
  const page = await server.get(path, signedOut);
  if (page.status !== 200) throw new Error(`${path} answers ${page.status}`);
  const scripts = scriptsOf(page.body.toString());
  if (scripts.size === 0) throw new Error(`${path} names no scripts`);
  const bytes = await Promise.all(
    [...scripts].map((url) => {
      const known = sizes.get(url) ?? transferred(server, url);
      sizes.set(url, known);
      return known;
    }),
  );
  return bytes.reduce((total, size) => total + size, 0) / 1024;
}

function scriptsOf(html: string): Set<string> {
  const found = new Set<string>();
  for (const [tag] of html.matchAll(/<(?:script|link)\b[^>]*>/g)) {
    if (/\snomodule\b/i.test(tag)) continue;
    const url = /\s(?:src|href)="([^"]+\.js[^"]*)"/.exec(tag)?.[1];
    if (url) found.add(url.replaceAll('&amp;', '&'));
  }
  return found;
}

async function transferred(server: BenchServer, url: string): Promise<number> {
  const { status, headers, body } = await server.get(url, { 'accept-encoding': 'gzip' });
  if (status !== 200) throw new Error(`${url} answers ${status}`);
  return headers['content-encoding'] === 'gzip' ? body.length : gzipSync(body).length;
}

function row(name: string, kib: number): Row {
  return {
    measure: `script of ${name}`,
    ours: kib,
    peer: null,
    peerName: '',
    ratio: null,
    unit: 'KiB',
    goal: `≤ ${MOST_KIB} KiB gzip`,
    ok: kib <= MOST_KIB,
  };
}
