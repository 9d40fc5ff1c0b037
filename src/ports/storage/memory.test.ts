import { storageConformance } from './conformance/suite.ts';
import { openMemoryStorage } from './memory.ts';
import type { Damage } from './memory-bucket.ts';

const flip = (bytes: Buffer): Buffer => {
  const damaged = Buffer.from(bytes);
  if (damaged.length > 0) damaged[0] = (damaged[0] ?? 0) ^ 1;
  return damaged;
};

storageConformance({
  name: 'memory',
  resultsFile: '.cache/parity/memory.json',
  async open() {
    const damage: Damage = {};
    return {
      provider: openMemoryStorage({ damage, policy: { attempts: 1 } }),
      constantMemory: false,
      damage: {
        uploads: (on) => {
          damage.upload = on ? flip : undefined;
        },
        downloads: (on) => {
          damage.download = on ? flip : undefined;
        },
      },
      cleanup: async () => {},
    };
  },
});
