import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** Runs `work`, and all that it starts, as part of the request with this id. */
export const inRequest = <T>(requestId: string, work: () => T): T => storage.run(requestId, work);

/** Id of the HTTP request that the current code works for; undefined outside of one. */
export const currentRequestId = (): string | undefined => storage.getStore();
