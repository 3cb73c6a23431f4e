import { toleratedSlowness } from './calibration.mjs';
import { measurements } from './measurements.mjs';
import { toleratedOthers } from './rounds.mjs';
import { summary } from './statistics.mjs';

/**
 * @typedef {import('./rounds.mjs').Results} Results
 * @typedef {import('./rounds.mjs').Outcome} Outcome
 * @typedef {import('./measurements.mjs').MeasurementKind} MeasurementKind
 *
 * @typedef {object} Standing of a subject in a measurement, over all rounds
 * @property {Results['subjects'][number]} subject
 * @property {import('./statistics.mjs').Summary[]} figures in the measurement's order
 * @property {number} [ratio] of the first figure's median to the base's
 * @property {import('./statistics.mjs').Summary} [cpuMs] for a job
 * @property {import('./statistics.mjs').Summary} walBytes for a job
 * @property {number} jobs
 * @property {boolean} noisy
 */

/**
 * @param {Results} results
 * @param {MeasurementKind} kind
 * @returns {Standing[]} best first
 */
export function standings({ outcomes, subjects }, kind) {
  const found = subjects.flatMap((subject) => {
    const rows = outcomes.filter(
      ({ measurement, subject: name, failure }) =>
        measurement === kind.name && name === subject.name && failure === undefined,
    );
    if (rows.length === 0) return [];
    const over = (/** @type {(row: Outcome) => number} */ of) => summary(rows.map(of));
    const timed = rows.every(({ costs }) => costs?.cpuSeconds !== undefined);
    return {
      subject,
      figures: kind.figures.map((_, index) => over(({ figures }) => figures?.[index] ?? NaN)),
      ...(timed && { cpuMs: over(({ costs, jobs }) => ((costs?.cpuSeconds ?? NaN) * 1_000) / jobs) }),
      walBytes: over(({ costs, jobs }) => (costs?.walBytes ?? NaN) / jobs),
      jobs: rows[0]?.jobs ?? 0,
      noisy: rows.some(({ noisy }) => noisy),
    };
  });
  const base = found.find(({ subject }) => subject.name === kind.base)?.figures[0]?.median;
  const first = (/** @type {Standing} */ { figures }) => figures[0]?.median ?? NaN;
  return found
    .map((standing) => (base === undefined ? standing : { ...standing, ratio: first(standing) / base }))
    .sort((a, b) => (kind.better === 'more' ? first(b) - first(a) : first(a) - first(b)));
}

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
    quietness(results),
    '',
    ...(chartFile ? [`![${chartAlt(results)}](${chartFile})`, ''] : []),
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
  const columns = [
    '',
    ...kind.figures.flatMap(({ title }, index) => (index === 0 ? [title, 'min – max'] : [title])),
    ...(withRatio ? [`× ${baseTitle}`] : []),
    ...(withCpu ? ['CPU, ms a job'] : []),
    'WAL, bytes a job',
    'keeps history',
  ];
  const lines = rows.map(({ subject, figures, ratio, cpuMs, walBytes, jobs, noisy }) => [
    `${subject.title}${jobs === usual ? '' : ` (${number(jobs)} jobs)`}${noisy ? ' ~' : ''}`,
    ...figures.flatMap(({ median, min, max }, index) =>
      index === 0 ? [number(median), `${number(min)} – ${number(max)}`] : [number(median)],
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
    `${number(usual)} jobs. ${kind.explanation} ${better}${ratioNote}`,
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
      ['', 'jobs wait in', 'Node.js', 'settings'],
      subjects.map(({ title, stores, newerNode, settings }) => [title, stores, newerNode ? 'newer' : 'own', settings]),
      1,
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

/**
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 * @param {number} [numbersFrom] first column that holds numbers; those after it too unless their cells are words
 */
function markdownTable(columns, rows, numbersFrom = 1) {
  const isNumeric = columns.map(
    (_, index) => index >= numbersFrom && rows.every((row) => /^[\d.,–\s×%~-]*$/.test(row[index] ?? '')),
  );
  const cells = [columns, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = columns.map((_, index) => Math.max(3, ...cells.map((row) => (row[index] ?? '').length)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths
      .map((width, index) => (isNumeric[index] ? (row[index] ?? '').padStart(width) : (row[index] ?? '').padEnd(width)))
      .join(' | ')} |`;
  const rule = `| ${widths.map((width, index) => (isNumeric[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)];
}

/**
 * @param {number} value
 * @returns {string} with the digits that mean something
 */
export function number(value) {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1_000_000) return value.toLocaleString('en');
  return Number(value.toPrecision(Math.abs(value) < 1 ? 2 : 3)).toLocaleString('en', { maximumFractionDigits: 6 });
}
