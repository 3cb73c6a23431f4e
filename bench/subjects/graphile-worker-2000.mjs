import { graphileWorker } from './support/graphile-worker.mjs';

export const subject = graphileWorker(
  {
    name: 'graphile-worker-2000',
    title: 'graphile-worker, batches of 2,000',
    settings: 'concurrentJobs 24, localQueue of 2,000, completions batched (delay 0), polling every 100 ms',
    measures: ['drain', 'burst'],
  },
  {
    concurrentJobs: 24,
    maxPoolSize: 25,
    localQueue: { size: 2_000 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
    pollInterval: 100,
  },
);
