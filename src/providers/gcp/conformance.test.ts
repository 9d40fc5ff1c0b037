/** The whole contract against the strict fake, which refuses what Cloud Storage refuses. */
import { storageConformance } from '../../ports/storage/conformance/suite.ts';
import { makeBed } from './test-bed.ts';

storageConformance({
  name: 'GCS (strict fake)',
  resultsFile: '.cache/parity/gcs-strict-fake.json',
  async open() {
    const bed = await makeBed();
    const { fake } = bed;
    return {
      provider: await bed.open(),
      another: () => bed.open(),
      // The fake holds what it is given in this very process; constant memory is shown on servers of their own.
      constantMemory: false,
      damage: {
        async stored(bucket, key) {
          const stored = fake.state.live(fake.state.bucket(bucket), key);
          if (stored) stored.bytes = Buffer.from(stored.bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));
        },
        uploads(on) {
          fake.faults.uploads = on;
        },
        downloads(on) {
          fake.faults.downloads = on;
        },
      },
      cleanup: bed.stop,
    };
  },
});
