import { beforeEach, describe, expect, it } from '@jest/globals';
import { FixedClock } from '../../../test/support/fixed-clock.js';
import { InMemoryAuditEvents } from '../../../test/support/in-memory/audit.js';
import { readConfig } from '../../config/config.js';
import { inRequest } from '../../http/logging/request-context.js';
import type { Transaction } from '../../kernel/transaction.js';
import { AsyncAuditScopes } from '../adapters/async-audit-scopes.js';
import type { CheckScope } from '../domain/audit-scope.js';
import { digestOf } from '../domain/digest.js';
import { AuditBuffer } from './audit-buffer.js';
import { AuditTrail } from './audit-trail.js';

const tx = {} as Transaction;
const target = { kind: 'job', id: 'j' };

let events: InMemoryAuditEvents;
let scopes: AsyncAuditScopes;
let trail: AuditTrail;
let scope: CheckScope;

beforeEach(() => {
  const clock = new FixedClock();
  events = new InMemoryAuditEvents(clock);
  scopes = new AsyncAuditScopes();
  trail = new AuditTrail(events, scopes, new AuditBuffer(events, clock, readConfig({ JWT_SECRET: 'k'.repeat(32) })));
  scope = {
    action: 'job.changed',
    actor: { userId: 'u', credential: 'session', credentialId: 's' },
    address: '203.0.113.7',
    requestId: 'r',
    target: null,
    isRecorded: false,
  };
});

const served = <T>(work: () => T): T =>
  inRequest('r', () => {
    scopes.open(scope);
    return work();
  });

describe('AuditTrail', () => {
  it.each([
    ['in the transaction of the change', tx],
    ['at once, where there is none', null],
  ])('writes what the request and the use case know, %s', async (_, given) => {
    await served(() => trail.record(given, { target, before: { name: 'a' }, after: { name: 'b' } }));
    const who = { userId: 'u', credential: 'session', credentialId: 's', address: '203.0.113.7', requestId: 'r' };
    const digests = { before: digestOf({ name: 'a' }), after: digestOf({ name: 'b' }) };
    expect(events.events).toMatchObject([
      { ...who, ...digests, action: 'job.changed', outcome: 'success', reason: null, target, count: 1 },
    ]);
    expect(scope.isRecorded).toBe(true);
  });

  it('takes the word of a use case for who it turned out to be', async () => {
    scope.actor = { userId: null, credential: 'none', credentialId: null };
    await served(() => trail.record(null, { target, userId: 'v' }));
    expect(events.events).toMatchObject([{ userId: 'v', credential: 'none', before: null, after: null }]);
  });

  it('remembers what a request is about, should it be refused', () => {
    served(() => trail.about(target));
    expect(scope.target).toEqual(target);
  });

  it('writes nothing outside of a request', async () => {
    await trail.record(tx, { target });
    trail.about(target);
    expect(events.events).toEqual([]);
  });

  it('fails with the change when its transaction cannot take the entry', async () => {
    events.append = () => Promise.reject(new Error('away'));
    await expect(served(() => trail.record(tx, { target }))).rejects.toThrow('away');
    expect(scope.isRecorded).toBe(false);
  });
});
