import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newUserId, type UserId } from '../../src/domain/ids.ts';
import { openControlDb } from '../database.ts';
import { createPeopleRepository } from './people.ts';

it('pages of people hold everybody once, in order, whatever the page size and however many share an e-mail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a@x.org', 'b@x.org', 'é@x.org', 'B@x.org'), { maxLength: 25 }),
      fc.integer({ min: 1, max: 9 }),
      async (emails, limit) => {
        const db = openControlDb({ file: ':memory:', migrationsDir: 'prisma-free-db/migrations' });
        const people = createPeopleRepository(db.drizzle);
        const common = { name: 'P', role: 'user', tier: 'free', active: true, createdAt: 1 } as const;
        db.write(() => {
          for (const email of emails) people.insertUser({ ...common, id: newUserId(), email });
        });
        const whole = people.pageUsers({ after: null, limit: 100 });
        const paged = [];
        for (let after: { email: string; id: UserId } | null = null; ; ) {
          const page = people.pageUsers({ after, limit });
          paged.push(...page);
          const last = page.at(-1);
          if (!last) break;
          after = { email: last.email, id: last.id };
        }
        expect(paged).toEqual(whole);
        expect(whole).toHaveLength(emails.length);
        await db.close();
      },
    ),
    { numRuns: 40 },
  );
});
