import fc from 'fast-check';
import { GAP_RULES, OVERLAP_RULES, RECURRENCE_PATTERNS } from '../../../src/schedules/domain/index.js';
import type { ResolvedSchedule } from '../../../src/schedules/domain/index.js';
import { cronLine } from './cron-arbitrary.js';
import { ZONES } from './minute-walk.js';

export const instant = fc.date({
  min: new Date('2005-01-01T00:00:00Z'),
  max: new Date('2035-01-01T00:00:00Z'),
  noInvalidDate: true,
});

const bounds = fc.record(
  {
    timezone: fc.constantFrom(...ZONES),
    dst: fc.record({ gap: fc.constantFrom(...GAP_RULES), overlap: fc.constantFrom(...OVERLAP_RULES) }),
    startsAt: instant.map((at) => at.toISOString()),
    endsAt: instant.map((at) => at.toISOString()),
    jitterMs: fc.nat(600_000),
  },
  { requiredKeys: ['timezone'] },
);

const anchorAt = instant.map((at) => at.toISOString());

const kind = fc.oneof(
  fc.array(cronLine, { minLength: 1, maxLength: 3 }).map((lines) => ({ cron: lines.map(({ text }) => text) })),
  fc
    .constantFrom('H H * * *', 'H/15 * * * *', '*/10 * * * * *', '15,45 H(0-4) 1-5 * ?')
    .map((line) => ({ cron: [line] })),
  fc.record({ recurrencePattern: fc.constantFrom(...RECURRENCE_PATTERNS), anchorAt }),
  fc.record({ intervalMs: fc.integer({ min: 1_000, max: 40 * 86_400_000 }), anchorAt }),
);

/** Any schedule: every kind, zone, rule and bound, valid or beyond its end. */
export const anySchedule: fc.Arbitrary<ResolvedSchedule> = fc
  .tuple(kind, bounds)
  .map(([named, others]) => ({ ...named, ...others }));
