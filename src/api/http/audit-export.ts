/** The audit trail and one's own activity as files: GET /api/audit/export and /api/activity/export, `?format=csv|jsonl` and a filter. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { EXPORT_FORMATS, type ExportFormat, exportActivity, exportTrail } from '../../services/activity/export.ts';
import { noteRefusedCall } from '../../services/admin/refused.ts';
import type { Deps } from '../../services/deps.ts';
import { actorFrom } from '../context.ts';
import type { Limits } from '../limits.ts';
import { activityFilter, trailFilter } from '../schemas/audit.ts';
import { pathOf, sendJson } from './reply.ts';
import { whileSignedIn } from './while-signed-in.ts';

const TRAIL = '/api/audit/export';
const ACTIVITY = '/api/activity/export';
const MIME: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

export function isAuditExport(path: string): boolean {
  return path === TRAIL || path === ACTIVITY;
}

/** @throws unauthenticated, permission_denied, invalid_argument, resource_exhausted; a fault on the way cuts the connection */
export async function handleAuditExport(
  deps: Deps,
  req: IncomingMessage,
  res: ServerResponse,
  { silenceMs, limits }: { silenceMs: number; limits: Limits },
): Promise<void> {
  if (req.method !== 'GET') return sendJson(res, 405, { code: 'unimplemented', message: 'Use GET.' }, { allow: 'GET' });
  const actor = await actorFrom(deps, req);
  if (!actor) throw new AppError('unauthenticated', 'Sign in first.');
  limits.spend('exports', { actor, req, res });
  const isTrail = pathOf(req) === TRAIL;
  if (isTrail && actor.role !== 'admin') noteRefusedCall(deps, actor, TRAIL);
  const { format, filter } = queryOf(new URL(req.url ?? '/', deps.deployment.appOrigin).searchParams);
  const text = isTrail
    ? exportTrail(deps, actor, { ...read(trailFilter, filter), format })
    : exportActivity(deps, actor, { ...read(activityFilter, filter), format });
  // Whatever refuses does so before the first byte.
  const leave = limits.hold({ actor, req });
  res.on('close', leave);
  await deps.db.gate();
  const day = new Date(deps.now()).toISOString().slice(0, 10);
  res.writeHead(200, {
    'content-type': MIME[format],
    'content-disposition': `attachment; filename="${isTrail ? 'audit' : 'activity'}-${day}.${format}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  res.setTimeout(silenceMs, () => res.destroy());
  try {
    await whileSignedIn({ deps, actor, res }, (signal) =>
      pipeline(Readable.from(text, { objectMode: false, highWaterMark: 64 * 1024 }), res, { signal }),
    );
  } catch (error) {
    // A file that is cut shows as broken; one that ended well would look whole.
    deps.log.warn('an export broke off', { path: pathOf(req), error: String(error) });
    res.destroy();
  }
}

function queryOf(query: URLSearchParams): { format: ExportFormat; filter: Record<string, unknown> } {
  const { format = 'csv', ...rest } = Object.fromEntries(query);
  const filter = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, name === 'since' || name === 'until' ? Number(value) : value]),
  );
  return { format: read(z.enum(EXPORT_FORMATS), format), filter };
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AppError('invalid_argument', z.prettifyError(parsed.error));
  return parsed.data;
}
