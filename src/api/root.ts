/** The whole API. The UI imports its type, nothing else of it. */
import { activityRouter } from './routers/activity.ts';
import { adminRouter } from './routers/admin.ts';
import { applicationsRouter } from './routers/applications.ts';
import { environmentsRouter } from './routers/environments.ts';
import { filesRouter } from './routers/files.ts';
import { identitiesRouter } from './routers/identities.ts';
import { liveRouter } from './routers/live.ts';
import { profileRouter } from './routers/profile.ts';
import { secretsRouter } from './routers/secrets.ts';
import { storagesRouter } from './routers/storages.ts';
import { uploadsRouter } from './routers/uploads.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  activity: activityRouter,
  admin: adminRouter,
  applications: applicationsRouter,
  environments: environmentsRouter,
  files: filesRouter,
  identities: identitiesRouter,
  live: liveRouter,
  profile: profileRouter,
  secrets: secretsRouter,
  storages: storagesRouter,
  uploads: uploadsRouter,
});

export type AppRouter = typeof appRouter;
