import { describe, expect, it } from '@jest/globals';
import { Abort } from './abort.js';

describe('an abort', () => {
  it('calls every listener once, with the first reason', () => {
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

  it('calls a listener that is added after the abort at once', () => {
    const abort = new Abort();
    abort.abort('');
    const heard: string[] = [];
    abort.onAbort((reason) => heard.push(reason));
    expect(heard).toEqual(['']);
  });

  it('does not call a listener that was removed', () => {
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
