// npm run test:faults: the suite that tries to break it (docs/fault-injection.md).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/local/build.mjs';
import { enterProject } from '../../scripts/local/environment.mjs';
import { interruption } from '../../scripts/local/interruption.mjs';
import { secondsSince, step } from '../../scripts/local/progress.mjs';
import { breakPlainBull } from './broken-engine.js';
import { audit, perform } from './perform.js';
import type { Performance } from './perform.js';
import type { Scenario } from './scenario.js';
import { pending, scenarios } from './scenarios.js';
import { Sink } from './sink.js';
import { soakGrowth, watchGrowth } from './growth.js';
import { System } from './system.js';
import { table } from './table.js';
import { measureTakeover } from './takeover.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    minutes: { type: 'string' },
    takeover: { type: 'boolean', default: false },
    broken: { type: 'boolean', default: false },
    rate: { type: 'string' },
    report: { type: 'string' },
  },
});
const seed = Number(values.seed);
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
const fleet = ['api1', 'api2', 'worker1', 'worker2', 'worker3', 'ticker1', ...(values.quick ? [] : ['ticker2'])];

const began = performance.now();
const interrupted = interruption();
const folder = mkdtempSync(join(tmpdir(), 'punctual-faults-'));
const performances: Performance[] = [];
const system = new System(folder);
let sink: Sink | undefined;
let broken = false;
try {
  enterProject();
  await step('Build', ensureBuilt, String);
  sink = await Sink.start();
  if (values.takeover) await measureTakeover(system, sink);
  else if (values.broken) broken = !(await bites(sink));
  else await performAll(sink, chosen());
} catch (error) {
  broken = true;
  if (!interrupted.aborted) console.error(error);
} finally {
  await system.stop();
  await sink?.stop();
  if (performances.every(({ failures }) => failures.length === 0)) rmSync(folder, { recursive: true, force: true });
}
const failed = performances.filter(({ failures }) => failures.length > 0).length + (broken ? 1 : 0);
const passed = performances.filter(({ failures }) => failures.length === 0).length;
if (values.report) writeFileSync(values.report, JSON.stringify({ passed, failed }));
if (performances.length > 0) console.log(`\n${table(performances)}`);
if (!values.takeover && !values.broken)
  console.log(`\nSeed ${seed}, ${secondsSince(began)}\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** @returns whether the checker finds plain Bull wanting */
async function bites(outside: Sink): Promise<boolean> {
  const { accepted, calls, lost, unexplained } = await breakPlainBull(system, outside, seed);
  console.log(
    `Plain Bull: ${accepted} accepted, ${calls} calls, ${lost.length} lost, ${unexplained.length} unexplained`,
  );
  for (const entry of [...lost.slice(0, 3), ...unexplained.slice(0, 3)]) console.log(`  ${entry}`);
  const found = lost.length > 0 && unexplained.length > 0;
  console.log(found ? 'The checker bites.' : 'The checker does not bite.');
  return found;
}

function chosen(): Scenario[] {
  const wanted = values.only?.toUpperCase().split(',') ?? (minutes ? ['F28'] : undefined);
  const unknown = wanted?.filter((id) => !scenarios.some((scenario) => scenario.id === id)) ?? [];
  for (const id of unknown) console.log(`${id} is not there: ${pending[id] ?? 'no such scenario'}`);
  if (wanted) return scenarios.filter(({ id }) => wanted.includes(id));
  if (values.quick) return scenarios.filter(({ seconds }) => seconds.quick > 0);
  for (const [id, why] of Object.entries(pending)) console.log(`  – ${id} is pending: ${why}`);
  return scenarios;
}

async function performAll(outside: Sink, list: Scenario[]): Promise<void> {
  await step('PostgreSQL, Redis', () => system.start(outside));
  await step('Processes', () => system.upAll(fleet));
  for (const scenario of list) {
    if (interrupted.aborted) return;
    const reason = scenario.unavailable?.();
    if (reason) {
      console.log(`  – ${scenario.id} ${scenario.title}: not here, ${reason}`);
      continue;
    }
    const seconds = minutes ? minutes * 60 : values.quick ? scenario.seconds.quick || 3 : scenario.seconds.full;
    const rate = values.rate === undefined ? {} : { rate: Number(values.rate) };
    const growth = minutes ? watchGrowth(system) : undefined;
    const result = await perform(
      { ...scenario, work: { ...scenario.work, ...rate } },
      { system, sink: outside, seed, seconds, folder, audited: !values.quick },
    );
    if (growth) result.notes.push(...soakGrowth(await growth.stop()));
    // The quick selection is audited once, as a whole.
    if (values.quick && scenario === list.at(-1)) result.failures.push(...(await audit(system, new Date(0))));
    performances.push(result);
    report(result);
  }
}

function report({ id, title, failures, notes, tookMs }: Performance): void {
  const mark = failures.length === 0 ? '✔' : '✘';
  console.log(`  ${mark} ${id} ${title} (${(tookMs / 1_000).toFixed(1)} s) ${notes.join(' · ')}`);
  for (const failure of failures.slice(0, 10)) console.log(`      ${failure.replaceAll('\n', '\n      ')}`);
  if (failures.length > 10) console.log(`      and ${failures.length - 10} more`);
  if (failures.length > 0) console.log(`      Ledgers and logs: ${join(folder, id)}`);
}
