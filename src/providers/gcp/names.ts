/** How keys, versions and what must stay hidden are written in the requests of Cloud Storage. Pure. */
import { keyFault } from '../../domain/storage.ts';

/**
 * Files in parts come together here before they take their place. No key may begin with a slash, so no key of anybody meets
 * these names, lists leave them out as they leave out every name that is no key, and the file system of an environment does not
 * show them either.
 */
export const STAGING_PREFIX = '/cmbcluster-uploads/';

/** RFC 3986: also what encodeURIComponent leaves and signatures must have encoded. */
export function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Of the JSON API; without a name, all objects. */
export function objectPath(bucket: string, name?: string): string {
  return `${bucketPath(bucket)}/o${name === undefined ? '' : `/${encodePart(name)}`}`;
}

export function bucketPath(bucket: string): string {
  return `/storage/v1/b/${encodePart(bucket)}`;
}

/** Of the XML API, which signed links use; slashes stay as they are. */
export function xmlPath(bucket: string, name?: string): string {
  return `/${encodePart(bucket)}${name === undefined ? '' : `/${name.split('/').map(encodePart).join('/')}`}`;
}

export function uploadPath(bucket: string): string {
  return `/upload/storage/v1/b/${encodePart(bucket)}/o`;
}

/** Placeholder of an empty folder. */
export function markerOf(folder: string): string {
  return `${folder}/`;
}

/** Whether a listed name is a file of the contract: no placeholder, nothing staged, nothing that no key can name. */
export function isFile(name: string): boolean {
  return keyFault(name) === null;
}

/** Whether a listed prefix is a folder of the contract. */
export function isFolder(prefix: string): boolean {
  return prefix.endsWith('/') && keyFault(prefix.slice(0, -1)) === null;
}

/** A generation that an object may have: `0` would mean "there is none". */
export function isGeneration(version: string): boolean {
  return /^[1-9]\d{0,18}$/.test(version);
}

/**
 * The store's `startOffset` is inclusive, and a folded folder would be listed again: the first name that can follow. No key
 * holds a character below the space, and `0` is what follows the slash.
 */
export function offsetAfter(startAfter: string, prefix: string, delimiter: '/' | undefined): string | undefined {
  if (startAfter === '') return undefined;
  const rest = startAfter.startsWith(prefix) ? startAfter.slice(prefix.length) : '';
  const slash = delimiter ? rest.indexOf('/') : -1;
  return slash < 0 ? `${startAfter} ` : `${prefix}${rest.slice(0, slash)}0`;
}
