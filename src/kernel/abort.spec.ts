import { describe, expect, it } from '@jest/globals';
import { Abort } from './abort.js';

describe('an abort', () => {
  it('tells all that listen, once, the first reason', () => {
    const abort = new Abort();
    const heard: string[] = [];
    abort.onAbort((reason) => heard.push(`one ${reason}`));
    abort.onAbort((reason) => heard.push(`two ${reason}`));
    expect([abort.aborted, abort.reason]).toEqual([false, undefined]);
    abort.abort('lost');
    abort.abort('cancelled');
    expect(heard).toEqual(['one lost', 'two lost']);
    expect([abort.aborted, abort.reason]).toEqual([true, 'lost']);
  });

  it('tells at once who comes late', () => {
    const abort = new Abort();
    abort.abort('');
    const heard: string[] = [];
    abort.onAbort((reason) => heard.push(reason));
    expect(heard).toEqual(['']);
  });

  it('does not tell who has left', () => {
    const abort = new Abort();
    const heard: string[] = [];
    const leaves = (reason: string): void => void heard.push(reason);
    abort.onAbort(leaves);
    abort.onAbort((reason) => heard.push(`stays ${reason}`));
    abort.offAbort(leaves);
    abort.abort('stopping');
    expect(heard).toEqual(['stays stopping']);
  });
});
