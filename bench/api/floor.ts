/**
 * The least that a server must do for the same answer: node:http, one prepared session lookup, one prepared select, JSON. No
 * signature, no checks of input, no headers. Started by bench/api.ts with the database's file and the session's id.
 */
import { createServer } from 'node:http';
import Database from 'better-sqlite3';

const [file = '', sessionId = ''] = process.argv.slice(2);
const sqlite = new Database(file, { readonly: true });
const session = sqlite.prepare(
  'select u.id, u.active, s.expires_at from sessions s inner join users u on u.id = s.user_id where s.id = ?',
);
const page = sqlite.prepare(
  `select e.*, a.slug as application_slug, a.name as application_name, a.icon, s.display_name from environments e
   left join applications a on a.id = e.application_id left join storages s on s.id = e.storage_id
   where e.owner_id = ? and e.desired <> 'deleted' order by e.created_at desc, e.id desc limit ?`,
);

const server = createServer((req, res) => {
  const row = session.get(sessionId) as { id: string; active: number; expires_at: number } | undefined;
  if (row?.active !== 1 || row.expires_at < Date.now() || !req.headers.cookie) {
    res.writeHead(401).end();
    return;
  }
  const body = Buffer.from(JSON.stringify({ environments: page.all(row.id, 20) }));
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
