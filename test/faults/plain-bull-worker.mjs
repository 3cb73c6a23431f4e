// The counter-example: a worker that trusts Bull with everything. `node plain-bull-worker.mjs <redis port>`
import Bull from 'bull';

const queue = new Bull('plain', {
  redis: { port: Number(process.argv[2]), host: '127.0.0.1' },
  settings: { lockDuration: 3_000, stalledInterval: 1_000 },
});
queue.on('error', () => {});
void queue.process(30, async (job) => {
  const headers = { 'idempotency-key': String(job.id), 'x-punctual-lease-token': String(job.attemptsMade + 1) };
  const answer = await fetch(job.data.url, { method: 'POST', headers });
  if (!answer.ok) throw new Error(`Answer ${answer.status}`);
});
process.send?.('ready');
process.on('disconnect', () => process.exit());
