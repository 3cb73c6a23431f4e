import Bull from 'bull';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.js';

/** Something that goes wrong and is over when the promise resolves; what it broke is whole again by then. */
export type FaultFunction = (stage: Stage) => Promise<void>;

/** Ms: twice the lease of the suite's settings, and in a short scenario long enough for another to take over. */
const beyondTheLease = ({ durationMs }: Stage): number => (durationMs < 6_000 ? 4_500 : 6_500);

export const killWorker: FaultFunction = async (stage) => stage.kill(await stage.busyWorker());
export const killApi: FaultFunction = async (stage) => stage.kill(await stage.some('api'));
export const killTicker: FaultFunction = async (stage) => stage.kill(await stage.some('ticker'));

export const killEverything: FaultFunction = async (stage) => {
  await Promise.all(stage.system.running().map((member) => stage.kill(member)));
  await stage.whole();
};

/** SIGTERM to one process, which is then started again. */
export const restart =
  (prefix = ''): FaultFunction =>
  async (stage) => {
    const member = await stage.some(prefix);
    const { code, tookMs } = await stage.stop(member);
    stage.expect(code === 0, `${member.name} answered SIGTERM with exit code ${code}`);
    // Grace 1 s, settling 1.5 s, closing 2 s.
    stage.expect(tookMs < 6_000, `${member.name} took ${tookMs} ms to stop`);
    stage.bringBack(member);
  };

export const freezeWorker: FaultFunction = async (stage) =>
  stage.freeze(await stage.busyWorker(), beyondTheLease(stage));

export const killRedis =
  (awayMs: number, keep = false): FaultFunction =>
  (stage) =>
    stage.fault(
      'kill',
      'redis',
      async () => {
        await stage.system.killRedis();
        await sleep(awayMs);
        await stage.system.redisUp(keep);
      },
      'kill',
    );

export const flushRedis: FaultFunction = (stage) =>
  stage.fault('flush', 'redis', () => stage.system.withRedis((redis) => redis.flushall()));

export const pauseRedis =
  (ms: number): FaultFunction =>
  (stage) =>
    stage.fault('pause', 'redis', async () => {
      await stage.system.withRedis((redis) => redis.call('CLIENT', 'PAUSE', String(ms), 'ALL'));
      await sleep(ms);
    });

export const freezeRedis =
  (ms: number): FaultFunction =>
  (stage) =>
    stage.fault('freeze', 'redis', async () => {
      process.kill(stage.system.redis.pid, 'SIGSTOP');
      await sleep(ms).finally(() => process.kill(stage.system.redis.pid, 'SIGCONT'));
    });

export const fillRedis =
  (ms: number): FaultFunction =>
  (stage) =>
    stage.fault('out of memory', 'redis', async () => {
      await stage.system.withRedis((redis) => redis.config('SET', 'maxmemory', '1'));
      await sleep(ms);
      await stage.system.withRedis((redis) => redis.config('SET', 'maxmemory', '0'));
    });

/** What clients see of a failover: every write is refused. */
export const readOnlyRedis =
  (ms: number): FaultFunction =>
  (stage) =>
    stage.fault('read only', 'redis', async () => {
      await stage.system.withRedis((redis) => redis.call('REPLICAOF', '127.0.0.1', '1'));
      await sleep(ms);
      await stage.system.withRedis((redis) => redis.call('REPLICAOF', 'NO', 'ONE'));
    });

/** Connections die without a word: bytes vanish. */
export const deadRedis =
  (ms: number): FaultFunction =>
  (stage) =>
    stage.fault('dead connections', 'redis', async () => {
      stage.system.redisProxy.fault = { dead: true };
      await sleep(ms).finally(() => stage.system.redisProxy.heal());
    });

export const restartPostgres =
  (signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): FaultFunction =>
  (stage) =>
    stage.fault(
      signal,
      'postgres',
      async () => {
        await stage.system.killPostgres(signal);
        await stage.system.postgresUp();
      },
      signal === 'SIGKILL' ? 'kill' : 'other',
    );

const backends = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

export const terminateBackends: FaultFunction = (stage) =>
  stage.fault('terminate', 'postgres', () => stage.system.query(`SELECT pg_terminate_backend(pid) ${backends}`));

/** kill -9 of one backend: PostgreSQL ends all others and recovers from its log. */
export const killBackend: FaultFunction = (stage) =>
  stage.fault('kill backend', 'postgres', async () => {
    const [victim] = await stage.system.query<{ pid: number }>(`SELECT pid ${backends} ORDER BY random() LIMIT 1`);
    if (victim) process.kill(victim.pid, 'SIGKILL');
    await sleep(500);
    await stage.until(
      'PostgreSQL is back',
      () =>
        stage.system.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      20_000,
    );
  });

/** By their text, and by their names, which is all that is sent of a prepared statement once a connection knows it. */
const changesRuns = /COMMIT|UPDATE runs|INSERT INTO runs|\0(at_once_\d+|bear_runs\w*|insert_runs\w*|claim|settle\w*)\0/;

/** The answer to a commit, a claim or a settlement is lost now and then: the work is done, and nobody is told. */
export const loseAnswers =
  (ms: number, share: number): FaultFunction =>
  (stage) =>
    stage.fault('lost answers', 'postgres', async () => {
      stage.system.postgresProxy.fault = {
        loseAnswerTo: (bytes) => changesRuns.test(bytes.toString('latin1')) && stage.random.next() < share,
      };
      await sleep(ms).finally(() => stage.system.postgresProxy.heal());
    });

/** A driver as flaky as Quartz's test driver: a fifth of connections, requests and answers fail. */
export const flakyPostgres =
  (ms: number, share = 0.2): FaultFunction =>
  (stage) =>
    stage.fault('flaky', 'postgres', async () => {
      const unlucky = (bytes: Buffer) => changesRuns.test(bytes.toString('latin1')) && stage.random.next() < share;
      stage.system.postgresProxy.fault = {
        refuse: () => stage.random.next() < share,
        loseRequest: unlucky,
        loseAnswerTo: unlucky,
      };
      await sleep(ms).finally(() => stage.system.postgresProxy.heal());
    });

export const slowPostgres =
  (ms: number): FaultFunction =>
  (stage) =>
    stage.fault('slow', 'postgres', async () => {
      stage.system.postgresProxy.fault = {
        delayMs: () => (stage.random.next() < 0.002 ? 3_000 : stage.random.between(100, 300)),
      };
      await sleep(ms).finally(() => stage.system.postgresProxy.heal());
    });

/** Rings three times for runs in every state, and puts ids into the queue that mean nothing. */
export const ringTooOften: FaultFunction = (stage) =>
  stage.fault('duplicate doorbells', 'redis', async () => {
    const rows = await stage.system.query<{ id: string }>('SELECT id FROM runs ORDER BY created_at DESC LIMIT 200');
    const queue = new Bull('doorbells', { prefix: '{faults}', redis: { port: stage.system.redis.port } });
    try {
      for (let copy = 0; copy < 3; copy += 1)
        await queue.addBulk(
          rows.map(({ id }) => ({ name: 'ring', data: { runIds: [id] }, opts: { removeOnComplete: true } })),
        );
      await queue.client.lpush('{faults}:doorbells:wait', 'nothing', 'bell-of-nobody');
    } finally {
      await queue.close();
    }
  });
