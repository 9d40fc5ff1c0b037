/** The whole API. The UI imports its type, nothing else of it. */
import { applicationsRouter } from './routers/applications.ts';
import { environmentsRouter } from './routers/environments.ts';
import { liveRouter } from './routers/live.ts';
import { profileRouter } from './routers/profile.ts';
import { storagesRouter } from './routers/storages.ts';
import { router } from './trpc.ts';

export const appRouter = router({
  applications: applicationsRouter,
  environments: environmentsRouter,
  live: liveRouter,
  profile: profileRouter,
  storages: storagesRouter,
});

export type AppRouter = typeof appRouter;
