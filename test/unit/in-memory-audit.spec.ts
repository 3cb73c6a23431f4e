import { auditEventsContract } from '../contracts/audit-events.contract.js';
import { InMemoryAuditEvents } from '../support/in-memory/audit.js';

const clock = { now: () => new Date('2026-01-02T03:04:05.678Z') };

auditEventsContract('InMemoryAuditEvents', async () => ({ events: new InMemoryAuditEvents(clock) }));
