import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, it } from '@jest/globals';
import { inContext } from './in-context.js';

it('work runs in the context that it was handed over in, also what it waits for', async () => {
  const request = new AsyncLocalStorage<string>();
  const read = async (): Promise<(string | undefined)[]> => {
    const before = request.getStore();
    await Promise.resolve();
    return [before, request.getStore()];
  };
  const ofOne = request.run('one', () => inContext(read));
  const ofNobody = inContext(read);
  await request.run('other', async () => {
    expect(await ofOne()).toEqual(['one', 'one']);
    expect(await ofNobody()).toEqual([undefined, undefined]);
    expect(request.getStore()).toBe('other');
  });
});
