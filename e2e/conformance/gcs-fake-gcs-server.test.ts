/**
 * The Cloud Storage provider against the specification of storage, on fake-gcs-server: a server that others wrote, so that the
 * driver is not measured by our own reading of the interface alone. What this server gets wrong is shown on the strict fake
 * (src/providers/gcp/conformance.test.ts), where nothing is skipped.
 */
import { storageConformance } from '../../src/ports/storage/conformance/suite.ts';
import { startDamagingProxy } from '../servers/damaging-proxy.ts';
import { openGcs, startFakeGcs } from '../servers/fake-gcs.ts';

const NO_PARTS = 'It knows no uploads in parts: the requests that begin them are answered 404.';
const NO_CONDITIONS = 'It ignores preconditions of deletions and rewrites.';
const NO_SETTINGS =
  'It keeps versioning alone of all that a bucket is made with: labels, lifecycle and access are dropped.';
const ELSEWHERE =
  'It keeps files in its memory; bodies that were damaged on their way up are shown on the strict fake.';

storageConformance({
  name: 'GCS (fake-gcs-server)',
  resultsFile: '.cache/parity/gcs-fake-gcs-server.json',
  declares: false,
  faults: {
    'buckets: are created once: the same labels again are fine, other labels are refused': NO_SETTINGS,
    'conditions: delete with ifVersion removes that version only; without, it is idempotent': NO_CONDITIONS,
    'copy and move: copy replaces, unless a condition forbids it': NO_CONDITIONS,
    'copy and move: move replaces, unless a condition forbids it': NO_CONDITIONS,
    'copy and move: of racing moves of one object one wins': NO_CONDITIONS,
    'lists: by delimiter show folders as prefixes, at any page size':
      'Every page of a list by delimiter repeats all folders, whatever comes before them.',
    'history: restoring obeys its condition': NO_CONDITIONS,
    'history: is listed by prefix in key order, at any page size':
      'The next page of a list of versions begins with the same version for ever when a key goes on.',
    'uploads: parts in any order become one file, visible only once it is whole': NO_PARTS,
    'uploads: a part sent again replaces the first one': NO_PARTS,
    'uploads: missing parts are told, and the upload goes on': NO_PARTS,
    'uploads: a part that breaks off or has another length does not count': NO_PARTS,
    'uploads: an aborted upload leaves nothing and is not known any more': NO_PARTS,
    'uploads: an ended upload is not known any more': NO_PARTS,
    'uploads: completing obeys its condition, and the upload stays': NO_PARTS,
    'uploads: empty files and files of exactly one or two parts arrive': NO_PARTS,
    'uploads: an upload is gone on with by another process': NO_PARTS,
    'checksums: a byte that flips in a part is an error, and the part does not count': NO_PARTS,
    'settings: each is made true, or says why this storage has none, and is read back': NO_SETTINGS,
    'settings: a setting that is not as wanted is seen': NO_SETTINGS,
    'emptying: removes objects, folders, versions and uploads, tells how far it is, and keeps the bucket': NO_PARTS,
  },
  skips: {
    'checksums: a byte that flips on its way up is an error, and nothing is stored': ELSEWHERE,
    'checksums: a byte that flips where it lies ends the stream with an error': ELSEWHERE,
  },
  async open() {
    const server = await startFakeGcs();
    const isDownload = ({ method, url = '' }: { method?: string; url?: string }) =>
      method === 'GET' && new URLSearchParams(url.split('?')[1]).get('alt') === 'media';
    const proxy = await startDamagingProxy(server, isDownload);
    return {
      provider: await openGcs(proxy.url),
      another: () => openGcs(proxy.url),
      constantMemory: true,
      damage: { downloads: proxy.downloads },
      async cleanup() {
        await proxy.close();
        await server.stop();
      },
    };
  },
});
