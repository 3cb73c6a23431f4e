import { runTask } from '../../scripts/local/processes.mjs';
import { eventually } from '../support/eventually.js';
import type { ProductProcess } from '../support/processes.js';
import { tally } from './client.js';
import type { Answer, Client } from './client.js';
import { Postgres } from './postgres.js';

interface Closing {
  /** Those of the submissions. */
  answers: Answer[];
  postgres: Postgres;
  /** `DB_*` for the auditor. */
  environment?: Record<string, string>;
  products: ProductProcess[];
  /** What a submission may have been answered. */
  allowed?: number[];
  /** Ms for what was accepted to be done. */
  withinMs?: number;
}

/**
 * What must hold after anything that happens to an infrastructure: each submission was answered as it may be, no process has ended, each accepted
 * job was done, and the auditor finds each run accounted for.
 *
 * @returns for the table
 */
export async function closeBooks(closing: Closing): Promise<string> {
  const { answers, postgres, products, allowed = [201, 503], withinMs = 30_000 } = closing;
  const strange = answers.find(({ status }) => !allowed.includes(status));
  if (strange) throw new Error(`${tally(answers)}; a ${strange.status} says ${JSON.stringify(strange.body)}`);
  const ended = products.find((product) => product.over);
  if (ended) throw new Error(`A process has ended; its log ends: ${ended.log.slice(-2_000)}`);
  const accepted = answers.filter(({ status }) => status === 201).map(({ body }) => String(body['id']));
  if (accepted.length === 0) throw new Error(`Nothing was accepted: ${tally(answers)}`);
  await eventually(
    () => undone(postgres, accepted),
    (jobs) => jobs.length === 0,
    { withinMs, everyMs: 250 },
  );
  const env = closing.environment ?? postgres.environment;
  const { ok, output } = await runTask([process.execPath, 'dist/commands/verify.js'], { env });
  if (!ok) throw new Error(`The auditor: ${output}`);
  return tally(answers);
}

async function undone(postgres: Postgres, jobs: string[]): Promise<string[]> {
  const list = jobs.map((id) => `'${id}'`).join(',');
  const done = await postgres.ask<{ job_id: string }>(
    `SELECT DISTINCT job_id FROM runs WHERE state = 'succeeded' AND job_id IN (${list})`,
    Postgres.role.database,
  );
  const known = new Set(done.map(({ job_id }) => job_id));
  return jobs.filter((id) => !known.has(id));
}

/** Makes recurring jobs, whose runs the auditor counts. */
export async function recurring(client: Client, count: number, intervalMs: number): Promise<void> {
  for (let place = 1; place <= count; place += 1) {
    const answer = await client.post('/jobs', {
      ...{ name: `every ${intervalMs} ms, ${place}`, type: 'recurring', handler: 'log', payload: { message: 'again' } },
      intervalMs,
    });
    if (answer.status !== 201) throw new Error(`Recurring job: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
