import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../domain/outcome.js';
import { isFinal, mayBecome, runStates, runTransitions } from '../../domain/run-state.js';
import { judge } from './settlement.js';
import type { SettlementRules } from './settlement.js';

const error = fc.string();
const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('succeeded' as const), result: fc.constant(null) }),
  fc.record(
    {
      kind: fc.constant('failed' as const),
      error,
      retryable: fc.boolean(),
      retryAfterMs: fc.integer({ min: 0, max: 10_000_000 }),
    },
    { requiredKeys: ['kind', 'error', 'retryable'] },
  ),
  fc.record({
    kind: fc.constantFrom('timed_out' as const, 'cancelled' as const, 'lost' as const, 'released' as const),
    error,
  }),
);
const rules: fc.Arbitrary<SettlementRules> = fc.record({
  maxRetries: fc.integer({ min: 0, max: 100 }),
  baseDelayMs: fc.integer({ min: 1, max: 100_000 }),
  maxDelayMs: fc.integer({ min: 100_000, max: 3_600_000 }),
  onLost: fc.constantFrom('retry' as const, 'park' as const),
  cancelRequested: fc.boolean(),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('judge', () => {
  it('moves a running run only to states that the transition table allows', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 200 }), rules, random, (outcome, attempt, given, chance) => {
        expect(mayBecome('running', judge(outcome, attempt, given, chance).state)).toBe(true);
      }),
    );
  });

  it('gives a delay with a next attempt, and none with a final state', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 200 }), rules, random, (outcome, attempt, given, chance) => {
        const { state, delayMs, counts } = judge(outcome, attempt, given, chance);
        expect(delayMs === null).toBe(isFinal(state));
        expect(counts).toBe(outcome.kind !== 'released' || given.cancelRequested);
        if (delayMs !== null) expect(delayMs).toBeLessThanOrEqual(Math.ceil(given.maxDelayMs * 1.1));
      }),
    );
  });

  it('ends every run after at most maxRetries + 1 attempts that count, for any outcomes', () => {
    fc.assert(
      fc.property(fc.array(outcomes, { minLength: 150, maxLength: 300 }), rules, random, (history, given, chance) => {
        let counted = 0;
        for (const outcome of history) {
          const verdict = judge(outcome, counted + 1, given, chance);
          if (verdict.counts) counted += 1;
          if (isFinal(verdict.state)) break;
          expect(counted).toBeLessThanOrEqual(given.maxRetries);
        }
        expect(counted).toBeLessThanOrEqual(given.maxRetries + 1);
      }),
    );
  });

  it('waits at least as long as the handler has asked for, up to maxDelayMs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), rules, random, (retryAfterMs, given, chance) => {
        const asked: Outcome = { kind: 'failed', error: '429', retryable: true, retryAfterMs };
        const { delayMs } = judge(asked, 1, { ...given, maxRetries: 1, cancelRequested: false }, chance);
        expect(delayMs).toBeGreaterThanOrEqual(Math.min(retryAfterMs, given.maxDelayMs));
      }),
    );
  });
});

describe('runTransitions', () => {
  it('leads from every state to a final state, and from a final state nowhere', () => {
    const ends = runStates.filter(isFinal);
    expect(ends).toEqual(['succeeded', 'failed', 'cancelled', 'skipped', 'missed']);
    for (const state of runStates.filter((other) => !isFinal(other)))
      expect(runTransitions[state].some((next) => ends.includes(next))).toBe(true);
  });

  it('lets no run start twice without the end of an attempt in between', () => {
    for (const state of runStates) expect(mayBecome(state, state)).toBe(false);
    expect(runStates.filter((state) => mayBecome(state, 'running'))).toEqual(['scheduled', 'retrying']);
  });
});
