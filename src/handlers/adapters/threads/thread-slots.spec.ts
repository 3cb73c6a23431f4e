import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThreadSlots } from './thread-slots.js';

describe('ThreadSlots', () => {
  it('never has more inside than it may, forgets nobody, and keeps the order, whatever is asked, withdrawn and left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.oneof(fc.constant('ask'), fc.constant('leave'), fc.nat(20)), { maxLength: 60 }),
        (count, steps) => {
          const places = new ThreadSlots(count);
          const entered: number[] = [];
          const withdrawn = new Set<number>();
          const asked: (() => void)[] = [];
          let inside = 0;
          for (const step of steps) {
            if (step === 'ask') {
              const number = asked.length;
              const enter = (): void => {
                entered.push(number);
                inside += 1;
              };
              asked.push(enter);
              places.ask(enter);
            } else if (step === 'leave') {
              if (inside === 0) continue;
              inside -= 1;
              places.leave();
            } else if (typeof step === 'number' && asked[step] && places.withdraw(asked[step])) withdrawn.add(step);
            const staying = asked.map((_, number) => number).filter((number) => !withdrawn.has(number));
            expect(inside).toBeLessThanOrEqual(count);
            expect(entered).toEqual(staying.slice(0, entered.length));
            if (inside < count) expect(entered).toHaveLength(staying.length);
          }
        },
      ),
    );
  });
});
