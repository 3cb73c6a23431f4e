import { describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { aUser } from '../support/user.js';

const everySecond = { name: 'every second', type: 'recurring', intervalMs: 1_000 };
const schedulesOf = async ({ http }: TestApp): Promise<Record<string, unknown>> => {
  const { body } = await http.get('/health/ready').expect(200);
  return body.checks.find(({ name }: { name: string }) => name === 'schedules');
};

describe('the check "schedules" of GET /health/ready', () => {
  it('shows the times that the last audit missed', async () => {
    const app = await startApp({ AUDIT_INTERVAL_MS: '1000' });
    const user = await aUser(app);
    const { id } = (await user.post('/jobs', everySecond).expect(201)).body;
    const whole = await eventually(
      () => schedulesOf(app),
      ({ lastAuditAt }) => lastAuditAt !== null,
    );
    expect(whole).toMatchObject({ status: 'up', missingTimes: 0 });
    const deleteOne = () =>
      app.database.query(
        `DELETE FROM runs WHERE id = (SELECT id FROM runs WHERE job_id = $1 AND state = 'succeeded' LIMIT 1)
         RETURNING id`,
        [id],
      );
    await eventually(deleteOne, ([rows]) => (rows as unknown[]).length === 1);
    await eventually(
      () => schedulesOf(app),
      ({ missingTimes }) => missingTimes === 1,
    );
    await app.stop();
  });

  it('counts the jobs that nobody plans', async () => {
    const app = await startApp({ ROLES: 'api' });
    const user = await aUser(app);
    const { id } = (await user.post('/jobs', everySecond).expect(201)).body;
    expect(await schedulesOf(app)).toMatchObject({ overdueJobs: 0 });
    const late = (minutes: number) =>
      app.database.query(`UPDATE jobs SET next_run_at = now() - $2 * interval '1 minute' WHERE id = $1`, [id, minutes]);
    await late(4);
    expect(await schedulesOf(app)).toMatchObject({ overdueJobs: 0 });
    await late(6);
    expect(await schedulesOf(app)).toMatchObject({ status: 'up', overdueJobs: 1 });
    await app.stop();
  });
});
