import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'sqlite',
  schema: './prisma-free-db/schema',
  out: './prisma-free-db/migrations',
});
