import { describe, expect, it } from '@jest/globals';
import { Inject } from '@nestjs/common';
import { JobHandler, declarationOf } from '../../domain/job-handler.js';
import type { HandlerDeclaration } from '../../domain/job-handler.js';
import { refuseUnthreadable } from './thread-check.js';

class Plain {
  handle(): void {}
}

class Needy {
  constructor(@Inject('thing') readonly thing: string) {}
  handle(): void {}
}

class NeedyChild extends Needy {}

class NeedyInside {
  @Inject('thing') thing!: string;
  handle(): void {}
}

@JobHandler('work')
class FreeChild extends Needy {
  constructor() {
    super('a thing of its own');
  }
}

const elsewhere = new URL('./thread-slots.ts', import.meta.url).href;
const advice = 'Write `module: import.meta.url` in the file that exports the class.';
const problemsOf = async (target: new (...args: never[]) => Plain, thread: HandlerDeclaration['thread']) => {
  const instance = new (target as typeof Plain)();
  const handler = { name: 'work', origin: 'Work (in Test)', instance, ...(thread && { thread }) };
  return refuseUnthreadable([handler]).then(
    () => '',
    (error: unknown) => (error as Error).message,
  );
};

describe('a handler that runs in a thread', () => {
  it.each([
    ['none', undefined, 'its module is not given, which is no URL of a file.'],
    ['a path', '/srv/work.js', 'its module is "/srv/work.js", which is no URL of a file.'],
    [
      'an address',
      'https://example.com/work.js',
      'its module is "https://example.com/work.js", which is no URL of a file.',
    ],
    ['a file that does not exist', 'file:///srv/none.js', 'there is no file file:///srv/none.js.'],
    ['another file', elsewhere, `${elsewhere} exports no class with @JobHandler('work').`],
  ])('stops the boot when its module is %s, and says what to write', async (_, module, problem) => {
    const message = await problemsOf(Plain, { module: module as string });
    expect(message).toBe(`The handlers are not usable:\n  - Work (in Test) runs in a thread: ${problem} ${advice}`);
  });

  it.each([
    [Needy, true],
    [NeedyChild, true],
    [NeedyInside, true],
    [Plain, false],
    [FreeChild, false],
  ])('stops the boot when something is to be injected into it: %p', async (target, isRefused) => {
    const message = await problemsOf(target, { module: elsewhere });
    expect(message.includes('nothing can be injected there')).toBe(isRefused);
  });

  it.each([31, 48.5, 65_537, NaN, '64'])('stops the boot with a memoryLimitMb of %p', async (memoryLimitMb) => {
    const message = await problemsOf(Plain, { module: elsewhere, memoryLimitMb: memoryLimitMb as number });
    expect(message).toContain('it must be a whole number from 32 to 65536.');
  });

  it.each([undefined, 32, 65_536])('may have a memoryLimitMb of %p', async (memoryLimitMb) => {
    const message = await problemsOf(Plain, { module: elsewhere, ...(memoryLimitMb && { memoryLimitMb }) });
    expect(message).not.toContain('memoryLimitMb');
  });
});

describe('a handler that runs in the process', () => {
  it('may take what it likes', async () => {
    expect(await problemsOf(Needy, undefined)).toBe('');
  });

  it('may say so', () => {
    JobHandler('said', { runIn: 'process' })(Plain);
    expect(declarationOf(Plain)).toEqual({ name: 'said' });
  });
});

it('a handler that runs in something else stops the program where it says so', () => {
  expect(() => JobHandler('work', { runIn: 'Thread' } as never)).toThrow(
    'The handler "work" says runIn: "Thread"; it may say "process" or "thread".',
  );
});
