import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Abort } from '../../../kernel/abort.js';
import { Counts } from '../../../kernel/counts.js';
import { shareOf } from '../domain/fair-share.js';
import { HandlerSlots } from './handler-slots.js';

const never = new Abort();
const ignored = (): void => undefined;

describe('the handler slots of a worker', () => {
  it('are never exceeded, and go to waiting owners in the order in which they came', () => {
    const commands = fc.array(fc.constantFrom('come', 'end', 'leave'), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), commands, (size, steps) => {
        const slots = new HandlerSlots(size);
        const waiting: { name: number; abort: Abort }[] = [];
        const started: number[] = [];
        let [ended, names] = [0, 0];
        const working = () => started.length - ended;
        for (const step of steps) {
          if (step === 'come') {
            const name = (names += 1);
            const abort = new Abort();
            if (slots.take(String(name), abort, 0, (taken) => (taken ? started.push(name) : 0)))
              waiting.push({ name, abort });
          } else if (step === 'end' && working() > 0) {
            slots.give(String(started[ended]), 0, 1);
            ended += 1;
            waiting.shift();
          } else if (step === 'leave') waiting.pop()?.abort.abort('cancelled');
          expect(working()).toBeLessThanOrEqual(size);
          expect(waiting.length === 0 || working() === size).toBe(true);
          expect(slots.waiting).toBe(waiting.length);
        }
        expect(started).toEqual([...started].sort((a, b) => a - b));
        const gone = new Set(waiting.map(({ name }) => name));
        expect(started.some((name) => gone.has(name))).toBe(false);
      }),
    );
  });

  it('are shared: an owner gets no more than its share, only an owner with its share waits, and the last free slot is for a new owner', () => {
    const owners = fc.constantFrom('a', 'b', 'c');
    const commands = fc.array(fc.tuple(owners, fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), commands, (size, steps) => {
        const slots = new HandlerSlots(size);
        const working = new Counts();
        const begin = (owner: string): void => {
          expect(working.of(owner)).toBeLessThan(shareOf(size, working.total - working.of(owner)));
          working.add(owner);
        };
        for (const [owner, comes] of steps) {
          if (comes) slots.take(owner, new Abort(), 0, () => begin(owner));
          else if (working.of(owner) > 0) {
            working.take(owner);
            slots.give(owner, 0, 1);
          }
          for (const one of ['a', 'b', 'c'])
            if (slots.waitingOf(one) > 0)
              expect(working.of(one)).toBeGreaterThanOrEqual(shareOf(size, working.total - working.of(one)));
          expect(working.total).toBeLessThanOrEqual(size);
        }
        const isFull = working.total === size;
        const waits = slots.take('new', new Abort(), 0, () => undefined);
        expect(waits).toBe(isFull);
      }),
    );
  });

  it('go to the owners in turns', () => {
    const slots = new HandlerSlots(2);
    const started: string[] = [];
    const come = (owner: string, name: string) => slots.take(owner, never, 0, () => started.push(name));
    come('first', '');
    come('second', '');
    for (const name of ['a1', 'a2', 'b1', 'a3']) come(name.charAt(0), name);
    for (const owner of ['first', 'second', 'a', 'b', 'a']) slots.give(owner, 0, 1);
    expect(started).toEqual(['', '', 'a1', 'b1', 'a2', 'a3']);
  });

  it('are not given to aborted runs', () => {
    const abort = new Abort();
    abort.abort('stopping');
    const turns: boolean[] = [];
    expect(new HandlerSlots(1).take('one', abort, 0, (taken) => turns.push(taken))).toBe(false);
    expect(turns).toEqual([false]);
  });

  it('let as many runs of an owner with its share wait as handlers of it ended in the last one to two windows', () => {
    const slots = new HandlerSlots(4);
    for (let runs = 0; runs < 20; runs += 1) slots.take('one', never, 1_000, ignored);
    slots.take('other', never, 1_000, ignored);
    const spare = (nowMs: number) => [slots.spareOf('one', nowMs), slots.spare(nowMs)];
    expect(spare(1_000)).toEqual([0, 0]);
    for (let ends = 0; ends < 4; ends += 1) slots.give('one', 1_010, 1_000);
    expect(spare(1_049)).toEqual([4, 4]);
    slots.give('one', 1_060, 1_000);
    expect(spare(1_099)).toEqual([5, 5]);
    expect(slots.spareOf('other', 1_099)).toBe(0);
    expect(spare(1_120)).toEqual([1, 1]);
    expect(spare(5_000)).toEqual([0, 0]);
  });

  it('let as many runs wait as would end in 20 ms at the average handler time, while slots are free for the owner', () => {
    const slots = new HandlerSlots(4);
    expect(slots.spare(0)).toBe(0);
    const one = (nowMs: number, tookMs: number | null) => {
      slots.take('one', never, nowMs, ignored);
      slots.give('one', nowMs, tookMs);
    };
    one(1_000, 4);
    one(1_000, null);
    expect([slots.spare(2_000), slots.spareOf('one', 2_000), slots.spareOf('new', 2_000)]).toEqual([15, 15, 15]);
    for (let slow = 0; slow < 200; slow += 1) one(3_000, 1_000);
    expect(slots.spare(9_000)).toBe(0);
    for (let fast = 0; fast < 400; fast += 1) one(10_000, 0);
    expect(slots.spare(20_000)).toBe(3_000);
    // More runs of an owner with its share would wait in vain as long as none of its handlers ends.
    for (let runs = 0; runs < 3; runs += 1) slots.take('one', never, 20_000, ignored);
    expect([slots.spareOf('one', 30_000), slots.spareOf('new', 30_000)]).toEqual([0, 3_000]);
  });

  it('turn away the runs that have waited too long, and no others', () => {
    const slots = new HandlerSlots(1);
    const comers = [0, 100, 200, 300].map((nowMs) => {
      const comer: { abort: Abort; taken?: boolean } = { abort: new Abort() };
      slots.take('one', comer.abort, nowMs, (taken) => (comer.taken = taken));
      return comer;
    });
    expect(slots.turnAway(200, 'crowded')).toBe(true);
    expect(comers.map(({ abort }) => abort.reason)).toEqual([undefined, 'crowded', 'crowded', undefined]);
    slots.give('one', 400, 1);
    expect(comers.map(({ taken }) => taken)).toEqual([true, false, false, true]);
    expect(slots.turnAway(1_000, 'crowded')).toBe(false);
  });
});
