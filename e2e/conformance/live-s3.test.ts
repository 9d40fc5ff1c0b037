/** Amazon S3 itself, or any server that speaks it (LIVE_S3_S3_ENDPOINT): see live.ts. */
import { provider } from '../../src/providers/aws/provider.ts';
import { liveConformance } from './live.ts';

liveConformance({ name: 'S3', provider, variablePrefix: 'LIVE_S3_', asks: 'AWS_REGION', paceMs: 300 });
