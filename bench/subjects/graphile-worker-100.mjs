import { graphileWorker } from './support/graphile-worker.mjs';
import { libraryMeasures } from './support/library.mjs';

export const subject = graphileWorker(
  {
    name: 'graphile-worker-100',
    title: 'graphile-worker, batches of 100',
    settings: 'concurrentJobs 24, localQueue of 100, completions batched (delay 0), polling every 100 ms',
    measures: libraryMeasures,
  },
  {
    concurrentJobs: 24,
    maxPoolSize: 25,
    localQueue: { size: 100 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
    pollInterval: 100,
  },
);
