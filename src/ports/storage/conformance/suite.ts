/**
 * The specification of storage, as tests: every provider's suite and every store in memory runs it. Where the contract leaves a
 * choice, the branch is taken by `capabilities`. Needs no clock and no knowledge of the provider; only signed links are fetched.
 */
import { describeBuckets } from './buckets.ts';
import { describeChecksums } from './checksums.ts';
import { describeConditions } from './conditions.ts';
import { describeCopyAndMove } from './copy-and-move.ts';
import { describeEmptying } from './emptying.ts';
import { describeFolders } from './folders.ts';
import { describeHistory } from './history.ts';
import { describeLists } from './lists.ts';
import { describeNames } from './names.ts';
import { describeReadingAndWriting } from './reading-and-writing.ts';
import { describeSettings } from './settings.ts';
import { describeSharing } from './sharing.ts';
import { describeSignedLinks } from './signed-links.ts';
import { declareSuite, type StorageSuite } from './spec.ts';
import { describeUploads } from './uploads.ts';

/** Declares the suite for one storage, in any vitest file. */
export function storageConformance(suite: StorageSuite): void {
  declareSuite(suite, [
    describeBuckets,
    describeReadingAndWriting,
    describeNames,
    describeConditions,
    describeCopyAndMove,
    describeLists,
    describeFolders,
    describeHistory,
    describeUploads,
    describeChecksums,
    describeSignedLinks,
    describeSettings,
    describeEmptying,
    describeSharing,
  ]);
}
