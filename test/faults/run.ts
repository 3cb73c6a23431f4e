// npm run test:faults: the suite that tries to break it (docs/fault-injection.md).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../../scripts/local/build.mjs';
import { enterProject } from '../../scripts/local/environment.mjs';
import { interruption } from '../../scripts/local/interruption.mjs';
import { secondsSince, step } from '../../scripts/local/progress.mjs';
import { plainBullGround, productGround } from './ground.js';
import type { Ground } from './ground.js';
import { handlesAfter } from './handles.js';
import { leaksOf } from './checks/leaks.js';
import { options } from './options.js';
import { perform } from './perform.js';
import type { Performance } from './perform.js';
import type { Scenario } from './scenario.js';
import { pending, scenarios } from './scenarios.js';
import { soak, watched } from './scenarios/soak.js';
import { Sink } from './sink.js';
import { System } from './system.js';
import { comparisonTable, ledgerTable, summaryTable } from './table.js';
import type { NotRun } from './table.js';
import { measureTakeover } from './takeover.js';

const { seed, minutes, jobs } = options;
const fleet = ['api1', 'api2', 'worker1', 'worker2', 'worker3', 'ticker1', ...(options.quick ? [] : ['ticker2'])];
/** Of a system that one scenario alone needs, while the other one rests. */
const smallFleet = ['api1', 'worker1', 'worker2', 'ticker1'];

const began = performance.now();
const interrupted = interruption();
const folder = mkdtempSync(join(tmpdir(), 'punctual-faults-'));
const performances: Performance[] = [];
const notRun: NotRun[] = [];
let sink: Sink | undefined;
let broken = false;
try {
  enterProject();
  await step('Build', ensureBuilt, String);
  sink = await Sink.start();
  if (options.takeover) await takeover(sink);
  else if (options.broken) broken = !(await bites(sink));
  else await performAll(sink, chosen());
} catch (error) {
  broken = true;
  if (!interrupted.aborted) console.error(error);
} finally {
  await sink?.stop();
  if (performances.every(({ failures }) => failures.length === 0)) rmSync(folder, { recursive: true, force: true });
}
const passed = performances.filter(({ failures }) => failures.length === 0).length;
const failed = performances.length - passed + (broken ? 1 : 0);
if (options.counts) writeFileSync(options.counts, JSON.stringify({ passed, failed }));
if (options.report) writeFileSync(options.report, report());
if (performances.length > 0) console.log(`\n${tables().join('\n\n')}`);
if (!options.takeover && !options.broken)
  console.log(`\nSeed ${seed}, ${secondsSince(began)}\n${passed} passed, ${failed} failed`);
process.exit(options.broken ? Number(broken) : failed > 0 ? 1 : 0);

async function takeover(outside: Sink): Promise<void> {
  const system = new System(folder);
  await measureTakeover(system, outside).finally(() => system.stop());
}

/** Plain Bull through the same mix, under the same load. @returns whether the checker finds it wanting */
async function bites(outside: Sink): Promise<boolean> {
  const ground = await step('Plain Bull', () => plainBullGround({ folder, sink: outside, fleet }));
  const scenario = { ...scenarios.find(({ id }) => id === 'F28')!, title: 'plain Bull' };
  const result = await performOn(ground, outside, scenario).finally(() => ground.stop());
  performances.push(result);
  for (const failure of result.failures.slice(0, 10)) console.log(`  ${failure}`);
  const found = result.verdict.lost.length > 0 && result.verdict.unexplained.length > 0;
  console.log(found ? 'The checker bites.' : 'The checker does not bite.');
  return found;
}

function chosen(): Scenario[] {
  if (minutes && !options.only) return [soak];
  const unknown = options.only?.filter((id) => !scenarios.some((scenario) => scenario.id === id)) ?? [];
  for (const id of unknown) {
    const known = pending.find((entry) => entry.id === id);
    notRun.push(known ?? { id, title: '', why: 'there is no such scenario' });
  }
  if (options.only) return scenarios.filter(({ id }) => options.only?.includes(id));
  if (options.quick) return scenarios.filter(({ seconds }) => seconds.quick > 0);
  notRun.push(...pending);
  return scenarios;
}

async function performAll(outside: Sink, list: Scenario[]): Promise<void> {
  const shared = await step('PostgreSQL, Redis, processes', () => productGround({ folder, sink: outside, fleet }));
  try {
    for (const scenario of list) {
      if (interrupted.aborted) return;
      const why = scenario.unavailable?.();
      if (why) notRun.push({ id: scenario.id, title: scenario.title, why });
      else await performOne(shared, outside, scenario, scenario === list.at(-1)).catch(brokeOff(scenario));
    }
    for (const { id, title, why } of notRun) console.log(`  – ${id} ${title}: not run, ${why}`);
  } finally {
    await shared.stop();
  }
}

function brokeOff({ id, title }: Scenario): (error: unknown) => void {
  return (error) => {
    broken = true;
    notRun.push({ id, title, why: `**it broke off**, ${String(error).split('\n')[0]}` });
    if (!interrupted.aborted) console.error(error);
  };
}

async function performOne(shared: Ground, outside: Sink, scenario: Scenario, last: boolean): Promise<void> {
  const own = scenario.diskMb
    ? await productGround(
        { folder: join(folder, `${scenario.id}-ground`), sink: outside, fleet: smallFleet },
        scenario.diskMb,
      )
    : undefined;
  const result = await performOn(own ?? shared, outside, minutes ? watched(scenario) : scenario).finally(() =>
    own?.stop(),
  );
  // The quick selection is looked over once, as a whole.
  if (options.quick && last) result.failures.push(...(await lookOver(shared)));
  performances.push(result);
  tell(result);
}

function performOn({ system, books, before }: Ground, outside: Sink, scenario: Scenario): Promise<Performance> {
  const { quick, full, long } = scenario.seconds;
  const seconds = minutes ? minutes * 60 : options.quick ? quick || 3 : options.long ? (long ?? full) : full;
  return perform(
    { ...scenario, work: { ...scenario.work, ...options.work } },
    {
      ...{ system, books, sink: outside, seed, seconds, goal: jobs, folder },
      ...{ audited: !options.quick, before: options.quick ? null : before },
    },
  );
}

async function lookOver({ system, books, before }: Ground): Promise<string[]> {
  const leaks = before ? leaksOf({ before, after: await handlesAfter(system, before) }) : [];
  return [...(await books.audit(new Date(0))), ...leaks.map((leak) => `leaked: ${leak}`)];
}

function tell({ id, title, failures, notes, pages, tookMs }: Performance): void {
  const mark = failures.length === 0 ? '✔' : '✘';
  console.log(`  ${mark} ${id} ${title} (${(tookMs / 1_000).toFixed(1)} s) ${notes.join(' · ')}`);
  for (const page of pages) console.log(`\n${page}\n`);
  for (const failure of failures.slice(0, 10)) console.log(`      ${failure.replaceAll('\n', '\n      ')}`);
  if (failures.length > 10) console.log(`      and ${failures.length - 10} more`);
  if (failures.length > 0) console.log(`      Ledgers and logs: ${join(folder, id)}`);
}

function tables(): string[] {
  const compared = options.broken || jobs > 0 ? [comparisonTable(performances)] : [];
  return [summaryTable(performances, notRun), ledgerTable(performances), ...compared];
}

/** The run as a page of its own. */
function report(): string {
  const of = options.broken ? 'Plain Bull through the fault suite' : 'Fault suite';
  const lines = performances.flatMap(({ id, title, notes, failures, pages }) => [
    `- **${id}** ${title}: ${notes.join(' · ')}`,
    ...failures.map((failure) => `  - ✘ ${failure.replaceAll('\n', ' ')}`),
    ...pages.map((page) => `\n${page}\n`),
  ]);
  const head = `# ${of}\n\nSeed ${seed}, ${secondsSince(began)}: ${passed} passed, ${failed} failed.`;
  return `${[head, ...tables(), lines.join('\n')].join('\n\n')}\n`;
}
