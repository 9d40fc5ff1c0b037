/** CRC-32C (RFC 3720 §B.4) as the storage contract writes it: base64 of four big-endian bytes. */
import { crc32c } from '@node-rs/crc32';

export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  /** Of everything so far. */
  value(): string;
}

export function runningChecksum(): RunningChecksum {
  let state = 0;
  return {
    update(chunk) {
      state = crc32c(chunk, state);
    },
    value() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(state >>> 0);
      return bytes.toString('base64');
    },
  };
}

export function checksumOf(bytes: Uint8Array): string {
  const sum = runningChecksum();
  sum.update(bytes);
  return sum.value();
}
