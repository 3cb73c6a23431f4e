import { pgBoss } from './support/pg-boss.mjs';

export const subject = pgBoss({
  name: 'pg-boss-100',
  title: 'pg-boss 12, batches of 100 × 4',
  batchSize: 100,
  workers: 4,
});
