/** The file manager on S3 (versitygw). */
import { test } from '../fixtures/server.ts';
import { fileJourneys } from '../journeys/files.ts';

test.use({ deployment: 'files-s3', storageKind: 's3' });

fileJourneys({ deletedStayTaken: true });
