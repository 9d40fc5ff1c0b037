import { describeStorage } from './conformance.ts';
import { openMemoryStorage } from './memory.ts';

describeStorage('memory', async () => ({
  provider: openMemoryStorage(),
  constantMemory: false,
  cleanup: async () => {},
}));
