import { AsyncResource } from 'node:async_hooks';

/** `work` as it would run now: for the request that is being served, whoever calls it later. */
export const inContext = <Result>(work: () => Result): (() => Result) => AsyncResource.bind(work);
