import { AsyncResource } from 'node:async_hooks';

/** `work` as it would run now: for the request that is being served, whoever calls it later. */
export function inContext<Result>(work: () => Result): () => Result {
  // AsyncResource.bind adds a deprecated property to what it answers, which costs more than all else here.
  const here = new AsyncResource('InContext');
  return () => here.runInAsyncScope(work);
}
