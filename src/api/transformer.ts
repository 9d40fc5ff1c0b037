/**
 * What goes over the wire: superjson's format. Nearly every answer is plain JSON already, for which that format is `{ json }`, and
 * looking whether it is costs a tenth of superjson's own walk; whatever else turns up goes through superjson.
 */
import superjson from 'superjson';

export const transformer = {
  serialize: (value: unknown): { json?: unknown; meta?: unknown } =>
    isPlainJson(value, 0) ? { json: value } : superjson.serialize(value),
  deserialize: superjson.deserialize.bind(superjson),
};

/** Deeper values are left to superjson, which recognises cycles. */
const DEEPEST = 16;

/** Whether JSON carries it without loss: no undefined, dates, maps, bigints, -0 or numbers that JSON cannot write. */
export function isPlainJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object': {
      if (value === null) return true;
      if (depth === DEEPEST) return false;
      if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth + 1));
      const prototype: unknown = Object.getPrototypeOf(value);
      if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false;
      for (const key in value) if (!isPlainJson(value[key as keyof typeof value], depth + 1)) return false;
      return true;
    }
    default:
      return false;
  }
}
