/** The Content-Disposition of a download (RFC 6266): always an attachment, so that nothing of a storage is shown as a page. */

/**
 * The plain `filename` for old readers, `filename*` (RFC 8187) with the true name whenever the two differ. No input can end the
 * header or begin another parameter.
 */
export function attachment(fileName: string): string {
  const name = fileName.toWellFormed().replace(/\p{Cc}/gu, '_');
  const plain = name.replace(/[^\x20-\x7e]/gu, '_').replace(/["\\%]/g, '_');
  if (plain === name) return `attachment; filename="${plain}"`;
  // attr-char of RFC 8187 §3.2.1 stay as they are; encodeURIComponent leaves some more that are not among them.
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
