/** Steps on one object that several files of this folder need: find, copy within the store, remove for good. */
import { z } from 'zod';
import { isBucketMissing, isStatus } from './errors.ts';
import type { Place } from './listing.ts';
import { encodePart, objectPath } from './names.ts';
import { type GcsObject, OBJECT_FIELDS, objectSchema } from './objects.ts';

const rewriteSchema = z.object({
  done: z.boolean(),
  rewriteToken: z.string().optional(),
  resource: objectSchema.optional(),
});

/** The current content; null when there is none. */
export async function findObject(
  { transport, bucket }: Place,
  name: string,
  signal: AbortSignal,
): Promise<GcsObject | null> {
  try {
    const query = { fields: OBJECT_FIELDS };
    return await transport.json(objectSchema, { method: 'GET', path: objectPath(bucket, name), query, signal });
  } catch (error) {
    if (isStatus(error, 404) && !isBucketMissing(error)) return null;
    throw error;
  }
}

/** This very version, with no older one kept of it; gone is fine. */
export async function purgeObject(
  { transport, bucket }: Place,
  object: { name: string; generation: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    const query = { generation: object.generation };
    await transport.text({ method: 'DELETE', path: objectPath(bucket, object.name), query, signal });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

export interface RewriteOrder {
  from: string;
  to: string;
  /** Preconditions and the version of the source. */
  query: Record<string, string | undefined>;
  /** A description of its own; without, that of the source. */
  resource?: { contentType: string; metadata: Record<string, string> };
  signal: AbortSignal;
}

/** Large objects take several calls; the target shows only with the last one. */
export async function rewriteObject({ transport, bucket }: Place, order: RewriteOrder): Promise<GcsObject> {
  const path = `${objectPath(bucket, order.from)}/rewriteTo/b/${encodePart(bucket)}/o/${encodePart(order.to)}`;
  let rewriteToken: string | undefined;
  for (;;) {
    const step = await transport.json(rewriteSchema, {
      method: 'POST',
      path,
      query: { ...order.query, rewriteToken },
      json: order.resource,
      signal: order.signal,
    });
    if (step.done && step.resource) return step.resource;
    rewriteToken = step.rewriteToken;
  }
}
