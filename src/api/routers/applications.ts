import { z } from 'zod';
import { listApplications } from '../../services/applications/list.ts';
import { application } from '../schemas/environment.ts';
import { answer, router, signedIn } from '../trpc.ts';

export const applicationsRouter = router({
  list: signedIn.output(answer(z.array(application))).query(({ ctx }) => listApplications(ctx.deps)),
});
