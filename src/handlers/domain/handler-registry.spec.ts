import { describe, expect, it } from '@jest/globals';
import { HandlerRegistry } from './handler-registry.js';
import type { RegisteredHandler } from './handler-registry.js';
import { JobHandler, declarationOf } from './job-handler.js';

const aHandler = (name: string, origin = 'SomeHandler (in SomeModule)'): RegisteredHandler => ({
  name,
  origin,
  instance: { handle: () => null },
});
const registryOf = (...handlers: RegisteredHandler[]): HandlerRegistry => new HandlerRegistry(() => handlers);

describe('HandlerRegistry', () => {
  it('finds handlers by name and lists the names in order', () => {
    const registry = registryOf(aHandler('log'), aHandler('http'));
    expect(registry.names()).toEqual(['http', 'log']);
    expect(registry.find('log')?.name).toBe('log');
  });

  it.each(['constructor', '__proto__', 'toString', '../../etc/passwd', ''])('does not know %p', (name) => {
    expect(registryOf(aHandler('log')).find(name)).toBeUndefined();
  });

  it.each(['', 'A', '1st', 'a b', 'a_b', 'a:b', '-a', `a${'b'.repeat(50)}`])('refuses the name %p', (name) => {
    expect(() => registryOf(aHandler(name)).names()).toThrow(`claims the name "${name}"; a name is`);
  });

  it('takes a name of one letter and one of fifty characters', () => {
    expect(registryOf(aHandler('a'), aHandler(`a${'-'.repeat(49)}`)).names()).toHaveLength(2);
  });

  it('names both that claim one name, and all problems at once', () => {
    const registry = registryOf(
      aHandler('log', 'First (in A)'),
      aHandler('log', 'Second (in B)'),
      aHandler('X', 'Third (in C)'),
    );
    expect(() => registry.names()).toThrow(
      /Second \(in B\) claims the name "log", which First \(in A\) has already[^]*Third/,
    );
  });

  it('asks what there is once, and not before the first question', () => {
    let asked = 0;
    const registry = new HandlerRegistry(() => {
      asked += 1;
      return [];
    });
    expect(asked).toBe(0);
    registry.names();
    registry.find('log');
    expect(asked).toBe(1);
  });
});

describe('JobHandler', () => {
  @JobHandler('parent', { onLost: 'park' })
  class Parent implements JobHandler {
    handle(): void {}
  }
  class Child extends Parent {}

  it('declares the class that carries it, and no subclass', () => {
    expect(declarationOf(Parent)).toEqual({ name: 'parent', onLost: 'park' });
    expect(declarationOf(Child)).toBeUndefined();
  });
});
