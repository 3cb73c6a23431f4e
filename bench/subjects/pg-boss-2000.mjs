import { pgBoss } from './support/pg-boss.mjs';

export const subject = pgBoss(
  { name: 'pg-boss-2000', title: 'pg-boss 12, batches of 2,000 × 2', batchSize: 2_000, workers: 2 },
  { measures: ['drain', 'burst'] },
);
