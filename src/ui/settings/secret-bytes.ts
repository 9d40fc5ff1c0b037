/** Bytes as the API takes them. */

/** Base64 of a file or text. @throws the browser's error when the file cannot be read */
export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
