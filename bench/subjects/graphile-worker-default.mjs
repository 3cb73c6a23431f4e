import { graphileWorker } from './support/graphile-worker.mjs';

export const subject = graphileWorker(
  {
    name: 'graphile-worker-default',
    title: 'graphile-worker, default (concurrency 10)',
    settings: 'concurrentJobs 10, all else as it comes',
    measures: ['drain', 'steady-1000', 'burst'],
    quick: false,
  },
  { concurrentJobs: 10 },
);
