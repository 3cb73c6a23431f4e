import { plainArray } from '../../../database/statements/plain-array.js';
import { newId } from '../../../kernel/ids.js';
import type { Settlement } from '../domain/settlement.js';

/** Whether `settleSuccessesStatement` can commit the settlement. */
export const isSuccess = ({ verdict: { state, reason, counts }, execution, onlyIfExpired }: Settlement): boolean =>
  state === 'succeeded' &&
  reason === 'completed' &&
  counts &&
  execution.status === 'succeeded' &&
  execution.startedAgoMs !== null &&
  !onlyIfExpired;

/** The parameters of `settleSuccessesStatement`. @param settlements successes */
export function successValues(settlements: Settlement[]): unknown[] {
  return [
    plainArray(settlements.map((s) => s.runId)),
    plainArray(settlements.map((s) => s.leaseToken)),
    plainArray(settlements.map((s) => s.execution.startedAgoMs)),
    plainArray(settlements.map((s) => s.execution.endedAgoMs)),
    results(settlements),
  ];
}

/** The parameters of `settleStatement`. @param ringAgainAfterMs `RING_AGAIN_AFTER_MS` */
export function settlementValues(settlements: Settlement[], ringAgainAfterMs: number): unknown[] {
  const plain = (value: (settlement: Settlement) => string | number | boolean | null) =>
    sparse(settlements.map(value), plainArray);
  const text = (value: (settlement: Settlement) => string | null) => sparse(settlements.map(value), (values) => values);
  return [
    plain((s) => s.runId),
    plain((s) => s.leaseToken),
    plain((s) => s.verdict.state),
    plain((s) => s.verdict.reason),
    text((s) => s.verdict.detail),
    plain((s) => s.verdict.delayMs),
    plain((s) => (s.verdict.counts ? null : false)),
    // Only an attempt that is followed by another gets a row of its own.
    plain((s) => (s.verdict.delayMs === null ? null : newId())),
    text((s) => (s.verdict.delayMs === null ? null : s.dueAt.toISOString())),
    plain((s) => s.execution.status),
    results(settlements),
    plain((s) => s.execution.startedAgoMs),
    plain((s) => s.execution.endedAgoMs),
    plain((s) => s.onlyIfExpired || null),
    plain((s) => s.notify || null),
    ringAgainAfterMs,
  ];
}

const results = (settlements: Settlement[]): unknown =>
  sparse(
    settlements.map(({ execution: { result } }) => (result === null ? null : JSON.stringify(result))),
    (values) => values,
  );

/** Sends an empty array when all values are null. */
const sparse = <Value>(values: (Value | null)[], array: (values: (Value | null)[]) => unknown): unknown =>
  values.every((value) => value === null) ? '{}' : array(values);
