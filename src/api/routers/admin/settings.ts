/** How this deployment is configured, for administrators. Lists of people and secrets stay where they are: only counts leave. */
import { z } from 'zod';
import { SIGN_UPS } from '../../../domain/admission.ts';
import { signInFacts } from '../../../services/admin/sign-in-facts.ts';
import { admin, answer, router } from '../../trpc.ts';

export const settingsRouter = router({
  signIn: admin
    .output(
      answer(
        z.object({
          providers: z.array(z.string()),
          signUp: z.enum(SIGN_UPS),
          allowedDomains: z.number(),
          allowedEmails: z.number(),
          adminEmails: z.number(),
          contact: z.string().nullable(),
          sessionTtlMs: z.number(),
          sessionIdleMs: z.number(),
        }),
      ),
    )
    .query(({ ctx }) => signInFacts(ctx.deps)),
});
