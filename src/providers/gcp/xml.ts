/** The few answers of the XML API that have no JSON counterpart: uploads in parts. Pure. */

export interface XmlPart {
  number: number;
  etag: string;
  sizeBytes: number;
}

export function readUploadId(xml: string): string {
  const id = textOf(xml, 'UploadId');
  if (!id) throw new Error('The answer names no upload.');
  return id;
}

export function readParts(xml: string): { parts: XmlPart[]; next: string | null } {
  const parts = elementsOf(xml, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: textOf(part, 'ETag'),
    sizeBytes: Number(textOf(part, 'Size')),
  }));
  const more = textOf(xml, 'IsTruncated') === 'true';
  return { parts, next: more ? textOf(xml, 'NextPartNumberMarker') : null };
}

export function readUploads(xml: string): { key: string; uploadId: string }[] {
  return elementsOf(xml, 'Upload').map((upload) => ({
    key: textOf(upload, 'Key'),
    uploadId: textOf(upload, 'UploadId'),
  }));
}

export function writeParts(parts: readonly XmlPart[]): string {
  const each = parts.map(
    ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  );
  return `<CompleteMultipartUpload>${each.join('')}</CompleteMultipartUpload>`;
}

function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1] ?? '');
}

function textOf(xml: string, name: string): string {
  return unescapeXml(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
