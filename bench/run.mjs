// npm run bench: this product and its peers side by side. `npm run bench -- --help` says what can be chosen.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../scripts/local/build.mjs';
import { dataDirectory, enterProject, shown } from '../scripts/local/environment.mjs';
import { interruption } from '../scripts/local/interruption.mjs';
import { LaunchError, printFailure, secondsSince, step } from '../scripts/local/progress.mjs';
import { Calibration } from './frame/calibration.mjs';
import { choices, choose, scenarios, subjects } from './frame/catalogue.mjs';
import { chart } from './frame/chart.mjs';
import { minutes } from './frame/estimate.mjs';
import { ensureInstalled, usualNode, versionOf } from './frame/install.mjs';
import { machineLine } from './frame/machine.mjs';
import { measurements } from './frame/measurements.mjs';
import { report } from './frame/report.mjs';
import { rounds } from './frame/rounds.mjs';
import { Stage } from './frame/stage.mjs';

const options = /** @type {const} */ ({
  only: { type: 'string' },
  subjects: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  whole: { type: 'boolean', default: false },
  node: { type: 'string' },
  report: { type: 'string' },
  render: { type: 'string' },
  help: { type: 'boolean', default: false },
});

/** @typedef {import('./frame/rounds.mjs').Results} Results */

enterProject();
try {
  process.exitCode = await main();
} catch (error) {
  const interrupted = error instanceof Error && error.name === 'AbortError';
  if (!interrupted) printFailure(error);
  process.exitCode = interrupted ? 130 : 1;
}

/** @returns {Promise<number>} exit code */
async function main() {
  const { values } = readOptions();
  if (values.help) {
    console.log(await help());
    return 0;
  }
  const target = values.report ?? join(dataDirectory(), 'bench', 'report.md');
  const results =
    values.render === undefined
      ? await run(values)
      : /** @type {Results} */ (JSON.parse(readFileSync(values.render, 'utf8')));
  write(target, results, values.render === undefined);
  const failures = results.outcomes.filter(({ failure }) => failure !== undefined).length;
  if (failures > 0) console.log(`\n${failures} measurements failed; the report names them.`);
  return results.interrupted ? 130 : failures > 0 ? 1 : 0;
}

function readOptions() {
  try {
    const parsed = parseArgs({ options });
    const { rounds: given } = parsed.values;
    if (given !== undefined && !/^[1-9]\d?$/.test(given))
      throw new Error(`--rounds must be from 1 to 99, not "${given}".`);
    return parsed;
  } catch (error) {
    throw new LaunchError(`${/** @type {Error} */ (error).message}\nnpm run bench -- --help says what there is.`);
  }
}

/**
 * @param {ReturnType<typeof readOptions>['values']} values
 * @returns {Promise<Results>}
 */
async function run(values) {
  const signal = interruption();
  const began = performance.now();
  const allSubjects = await step(
    'Peers',
    async () => {
      const how = await ensureInstalled();
      return { how, found: await subjects() };
    },
    ({ how }) => how,
  );
  const { node = usualNode } = values;
  const nodeVersion = versionOf(node);
  const chosen = choose(allSubjects.found, values.subjects, 'subjects').filter(
    ({ quick }) => !values.quick || quick !== false || values.subjects !== undefined,
  );
  const names = choose(await choices(), values.only, 'only').map(({ name }) => name);
  const scenes = values.subjects === undefined ? (await scenarios()).filter(({ name }) => names.includes(name)) : [];
  const kinds = measurements.filter(({ name, aside }) => names.includes(name) && !(values.quick && aside));
  const times = Number(values.rounds ?? (values.quick ? 1 : 3));
  console.log(
    `  About ${minutes({ kinds, subjects: chosen, scenes, times, quick: values.quick })} on a quiet machine.`,
  );
  if (scenes.length > 0 || chosen.some(({ ours }) => ours)) await step('This product', ensureBuilt, (how) => how);
  const stage = await step('PostgreSQL and Redis', () => Stage.open(join(dataDirectory(), 'bench')));
  const calibration = new Calibration();
  try {
    await calibration.learn();
    const outcomes = await rounds({
      stage,
      calibration,
      signal,
      kinds,
      subjects: chosen,
      scenarios: scenes,
      rounds: times,
      quick: values.quick,
      whole: values.whole,
      node,
    });
    return {
      command: commandLine(values),
      at: new Date().toISOString(),
      took: secondsSince(began),
      machine: machineLine(stage.folder),
      cores: availableParallelism(),
      software: `${await stage.versions()}, Node.js ${nodeVersion}`,
      subjects: chosen.map(({ name, title, ours = false, limit = false, keepsHistory, stores, settings, scale }) => ({
        name,
        title,
        ours,
        limit,
        keepsHistory,
        stores,
        settings,
        scale: scale ?? {},
      })),
      ...outcomes,
    };
  } finally {
    await calibration.stop();
    await stage.close();
  }
}

/** @param {ReturnType<typeof readOptions>['values']} values */
function commandLine({ only, subjects: wanted, rounds: given, quick, whole, node }) {
  const flags = [
    only === undefined ? '' : `--only ${only}`,
    wanted === undefined ? '' : `--subjects ${wanted}`,
    given === undefined ? '' : `--rounds ${given}`,
    quick ? '--quick' : '',
    whole ? '--whole' : '',
    node === undefined ? '' : `--node ${node}`,
  ].filter((flag) => flag !== '');
  return ['npm run bench', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
}

/**
 * @param {string} target of the report; the chart and the figures as they were taken stand beside it
 * @param {Results} results
 * @param {boolean} fresh
 */
function write(target, results, fresh) {
  const stem = target.replace(/\.md$/, '');
  mkdirSync(dirname(target), { recursive: true });
  const drawing = chart(results);
  if (drawing) writeFileSync(`${stem}.svg`, drawing);
  const text = report(results, drawing ? `${stem.split('/').at(-1)}.svg` : undefined);
  writeFileSync(`${stem}.md`, text);
  if (fresh) {
    const raw = join(dataDirectory(), 'bench', 'results.json');
    mkdirSync(dirname(raw), { recursive: true });
    writeFileSync(raw, JSON.stringify(results));
    console.log(`\nFigures as taken: ${shown(raw)}`);
  }
  console.log(`Report: ${shown(`${stem}.md`)}${drawing ? ` and ${shown(`${stem}.svg`)}` : ''}`);
}

async function help() {
  const all = await scenarios();
  const everybody = await subjects();
  const full = minutes({ kinds: measurements, subjects: everybody, scenes: all, times: 3, quick: false });
  const quick = minutes({
    kinds: measurements.filter(({ aside }) => !aside),
    subjects: everybody.filter((subject) => subject.quick !== false),
    scenes: all,
    times: 1,
    quick: true,
  });
  const list = (/** @type {readonly { name: string, title: string }[]} */ those) =>
    those.map(({ name, title }) => `  ${name.padEnd(24)} ${title}`).join('\n');
  return `npm run bench [-- options]

Measures this product and its peers in the same run on servers of its own, interleaved round by round, and writes a report with
medians and a chart. A full run takes about ${full}; --quick, with fewer jobs and one round, about ${quick}. Leave the machine
alone meanwhile: the report says how quiet it was.

  --only <names>      these measurements only, with commas between; a beginning will do: --only drain,steady
  --subjects <names>  these subjects only: --subjects punctual,bull (the ratios are to bull); no measurement of this product alone
  --rounds <n>        instead of 3
  --quick             fewer jobs, one round
  --whole             reads over 1,000,000 jobs and 5,000,000 runs: minutes more to fill the tables
  --node <program>      this Node.js instead of the one that bench/package.json names, for everything measured
  --report <file>     instead of .data/bench/report.md; the chart goes beside it
  --render <file>     writes the report anew out of the figures of an earlier run (.data/bench/results.json)

Measurements:
${list(measurements)}

Of this product alone:
${all.length > 0 ? list(all) : '  none'}

Subjects:
${list(everybody)}`;
}
