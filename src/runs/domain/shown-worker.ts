/**
 * What users see of a worker's id, which is `host:process:random`: the random part. Host names and process ids are the operator's, who finds them
 * by it in the table `runs` and in the worker's log.
 */
export const shownWorker = (workerId: string): string => workerId.slice(workerId.lastIndexOf(':') + 1);
