/** Cloud Storage itself: see live.ts. */
import { provider } from '../../src/providers/gcp/provider.ts';
import { liveConformance } from './live.ts';

liveConformance({
  name: 'Cloud Storage',
  provider,
  variablePrefix: 'LIVE_GCS_',
  asks: 'PROJECT_ID',
  // A project may make or remove one bucket in two seconds.
  paceMs: 2_100,
});
