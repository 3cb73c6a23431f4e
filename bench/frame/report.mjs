import { toleratedSlowness } from './calibration.mjs';
import { goals } from './goals.mjs';
import { measurements } from './measurements.mjs';
import { toleratedOthers } from './rounds.mjs';
import { markdownTable, number } from './markdown.mjs';
import { standings } from './standings.mjs';

/**
 * @typedef {import('./rounds.mjs').Results} Results
 * @typedef {import('./rounds.mjs').Outcome} Outcome
 * @typedef {import('./measurements.mjs').MeasurementKind} MeasurementKind
 */

/**
 * @param {Results} results
 * @param {string | undefined} chartFile beside the report
 * @returns {string} Markdown
 */
export function report(results, chartFile) {
  const rounds = Math.max(1, ...results.outcomes.map(({ round }) => round));
  return [
    '# Benchmark',
    '',
    '```sh',
    results.command,
    '```',
    '',
    `Taken at ${results.at} in ${results.took}, ${rounds === 1 ? 'one round' : `medians of ${rounds} interleaved rounds`}.`,
    `Machine: ${results.machine}. ${results.software}.`,
    'PostgreSQL with fsync and synchronous_commit on, Redis in memory alone; every subject in a process of its own on empty databases.',
    ...(results.interrupted ? ['**Interrupted**: not all that the command asks for was measured.'] : []),
    quietness(results),
    '',
    ...(chartFile ? [`![${chartAlt(results)}](${chartFile})`, ''] : []),
    ...goalsSection(results),
    ...measurements.flatMap((kind) => section(results, kind)),
    ...results.scenes.flatMap(sceneSection),
    ...settingsSection(results),
    ...failureSection(results),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

/** @param {Results} results */
function quietness({ outcomes, scenes }) {
  const noisy = [...outcomes, ...scenes].filter((one) => one.noisy).length;
  const all = outcomes.length + scenes.length;
  const limits = `more than ${Math.round((toleratedSlowness - 1) * 100)} % slower than at its best, or more than ${toleratedOthers * 100} % of it taken by others`;
  return noisy === 0
    ? `The machine was quiet: before none of the ${all} measurements was it ${limits}.`
    : `**The machine was not always quiet**: ${noisy} of ${all} measurements found it ${limits}. Rows that such a measurement went into are marked ~.`;
}

/** @param {Results} results */
function goalsSection(results) {
  const rows = goals(results);
  if (rows.length === 0) return [];
  const cells = rows.map(({ what, asked, value, met }) => [what, asked, value.toFixed(2), met ? 'yes' : '**no**']);
  return ['## Goals', '', ...markdownTable(['', 'asked', 'measured', 'met'], cells), ''];
}

/** @param {Results} results */
const chartAlt = ({ subjects }) => `Bars: ${subjects.map(({ title }) => title).join('; ')}`;

/**
 * @param {Results} results
 * @param {MeasurementKind} kind
 * @returns {string[]}
 */
function section(results, kind) {
  const rows = standings(results, kind);
  if (rows.length === 0) return [];
  const baseTitle = results.subjects.find(({ name }) => name === kind.base)?.title;
  const withRatio = rows.some(({ ratio }) => ratio !== undefined);
  const withCpu = rows.some(({ cpuMs }) => cpuMs !== undefined);
  const usual = Math.max(...rows.map(({ jobs }) => jobs));
  const several = results.outcomes.some(({ measurement, round }) => measurement === kind.name && round > 1);
  const once = !several && results.outcomes.some(({ round }) => round > 1) ? ' One round only.' : '';
  const columns = [
    '',
    ...kind.figures.flatMap(({ title }, index) => (index === 0 && several ? [title, 'min – max'] : [title])),
    ...(withRatio ? [`× ${baseTitle}`] : []),
    ...(withCpu ? ['CPU, ms a job'] : []),
    'WAL, bytes a job',
    'keeps history',
  ];
  const lines = rows.map(({ subject, figures, ratio, cpuMs, walBytes, jobs, noisy }) => [
    `${subject.title}${jobs === usual ? '' : ` (${number(jobs)} jobs)`}${noisy ? ' ~' : ''}`,
    ...figures.flatMap(({ median, min, max }, index) =>
      index === 0 && several ? [number(median), `${number(min)} – ${number(max)}`] : [number(median)],
    ),
    ...(withRatio ? [ratio === undefined ? '' : ratio.toFixed(2)] : []),
    ...(withCpu ? [cpuMs ? number(cpuMs.median) : ''] : []),
    number(Math.round(walBytes.median)),
    subject.keepsHistory,
  ]);
  const better = kind.better === 'more' ? 'More is better.' : 'Less is better.';
  const ratioNote = withRatio ? ` Ratios are of the first column.` : '';
  return [
    `## ${kind.title}`,
    '',
    `${number(usual)} jobs. ${kind.explanation} ${better}${ratioNote}${once}`,
    '',
    ...markdownTable(columns, lines),
    '',
  ];
}

/**
 * @param {import('./rounds.mjs').SceneOutcome} scene
 * @returns {string[]}
 */
function sceneSection({ title, tables, noisy }) {
  if (tables.length === 0) return [];
  return [
    `## ${title}${noisy ? ' ~' : ''}`,
    '',
    ...tables.flatMap(({ title: name, columns, rows, note }) => [
      ...(name === title ? [] : [`### ${name}`, '']),
      ...markdownTable(
        columns,
        rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : cell))),
      ),
      '',
      ...(note ? [note, ''] : []),
    ]),
  ];
}

/** @param {Results} results */
function settingsSection({ subjects }) {
  return [
    '## How each was set up',
    '',
    ...markdownTable(
      ['', 'jobs wait in', 'settings'],
      subjects.map(({ title, stores, settings, limit }) => [
        `${title}${limit ? ': a limit, not a peer' : ''}`,
        stores,
        settings,
      ]),
    ),
    '',
  ];
}

/** @param {Results} results */
function failureSection({ outcomes, scenes }) {
  const failures = [
    ...outcomes.map(({ measurement, subject, round, failure }) => ({
      what: `${measurement}, ${subject}, round ${round}`,
      failure,
    })),
    ...scenes.map(({ name, failure }) => ({ what: name, failure })),
  ].filter(({ failure }) => failure !== undefined);
  if (failures.length === 0) return [];
  return [
    '## Failed',
    '',
    ...failures.flatMap(({ what, failure = '' }) => [
      `- ${what}:`,
      '',
      ...failure.split('\n').map((line) => `      ${line}`),
      '',
    ]),
  ];
}
