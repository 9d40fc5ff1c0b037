/** Versions and deleted files on S3 (moto, where deleted files come back as they do at Amazon). */
import { test } from '../fixtures/server.ts';
import { historyJourneys } from '../journeys/files.ts';

test.use({ deployment: 'files-s3-versions', storageKind: 's3-versions' });

historyJourneys({ emptyFoldersStay: true });
