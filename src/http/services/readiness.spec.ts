import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { HealthChecks } from '../../kernel/health.js';
import { checkTimeoutMs, ReadinessService } from './readiness.js';

afterEach(() => void jest.useRealTimers());

function aService() {
  const health = new HealthChecks();
  let monotonicMs = 61_500;
  const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => monotonicMs };
  return { health, service: new ReadinessService(health, clock), pass: (ms: number) => (monotonicMs += ms) };
}

describe('ReadinessService', () => {
  it('is ok when every part is up, in the order of registration, with what each shows', async () => {
    const { health, service, pass } = aService();
    health.register('postgresql', async () => void pass(1.5));
    health.register('queue', async () => ({ waiting: 3, status: 'down', name: 'x' }));
    expect(await service.report()).toEqual({
      status: 'ok',
      uptimeSeconds: 61,
      checks: [
        { name: 'postgresql', status: 'up', latencyMs: 1.5 },
        { name: 'queue', status: 'up', latencyMs: expect.any(Number), waiting: 3 },
      ],
    });
  });

  it('tells which part is down by its code, never by its message', async () => {
    const { health, service } = aService();
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
    health.register('postgresql', () => Promise.reject(refused));
    health.register('redis', async () => undefined);
    health.register('queue', () => Promise.reject(new Error('secret host')));
    const report = await service.report();
    expect(report).toMatchObject({
      status: 'unavailable',
      checks: [
        { name: 'postgresql', status: 'down', error: 'ECONNREFUSED' },
        { name: 'redis', status: 'up' },
        { name: 'queue', status: 'down', error: 'FAILED' },
      ],
    });
    expect(JSON.stringify(report)).not.toMatch(/10\.0\.0\.7|secret/);
  });

  it('gives a part that hangs up after its time', async () => {
    jest.useFakeTimers();
    const { health, service } = aService();
    health.register('redis', () => new Promise(() => undefined));
    const report = service.report();
    await jest.advanceTimersByTimeAsync(checkTimeoutMs);
    expect(await report).toMatchObject({ status: 'unavailable', checks: [{ status: 'down', error: 'TIMEOUT' }] });
  });

  it('asks once for callers that come at the same time, and again for later ones', async () => {
    const { health, service } = aService();
    const check = jest.fn(async () => undefined);
    health.register('postgresql', check);
    await Promise.all([service.report(), service.report()]);
    expect(check).toHaveBeenCalledTimes(1);
    await service.report();
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is stopping as soon as the process is told to stop', async () => {
    const { health, service } = aService();
    health.stop();
    expect((await service.report()).status).toBe('stopping');
  });
});
