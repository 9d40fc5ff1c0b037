/** The file manager on Cloud Storage (our strict fake of it). */
import { test } from '../fixtures/server.ts';
import { fileJourneys, historyJourneys } from '../journeys/files.ts';

test.use({ deployment: 'files-gcs', storageKind: 'gcs' });

fileJourneys();
historyJourneys();
