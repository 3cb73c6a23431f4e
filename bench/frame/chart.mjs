import { measurements } from './measurements.mjs';
import { number } from './markdown.mjs';
import { standings } from './standings.mjs';

/**
 * @typedef {import('./rounds.mjs').Results} Results
 * @typedef {import('./standings.mjs').Standing} Standing
 */

/** What the chart shows, each with the words above its bars. */
const panels = /** @type {const} */ ([
  ['drain', 'Waiting jobs worked off, a second'],
  ['steady-1000', 'At a steady 1,000 jobs a second: due to started, p99, ms'],
  ['burst', 'Jobs all due at one instant: until the last has started, ms'],
]);

const width = 920;
const margin = 28;
const labelWidth = 300;
const valueWidth = 204;
const barWidth = width - 2 * margin - labelWidth - valueWidth;
const row = 25;
const bar = 15;
const colours = {
  ours: '#1f6feb',
  peer: '#a9b4c2',
  limit: '#d9dee5',
  text: '#1f2328',
  quiet: '#656d76',
  line: '#d0d7de',
};
const histories = { yes: 'whole history', partly: 'partial history', no: 'no history' };

/**
 * @param {Results} results
 * @returns {string | undefined} SVG; nothing if none of what it shows was measured
 */
export function chart(results) {
  const drawn = [];
  let y = margin;
  for (const [name, title] of panels) {
    const kind = measurements.find((one) => one.name === name);
    const rows = kind ? standings(results, kind) : [];
    if (!kind || rows.length === 0) continue;
    drawn.push(panel(title, kind, rows, y));
    y += 46 + rows.length * row + 22;
  }
  if (drawn.length === 0) return undefined;
  const foot = `${results.machine.split(', a write')[0]}. Medians with their range; ${results.at.slice(0, 10)}.`;
  const height = y + 22;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" role="img">
  <title>Punctual and other job runners, side by side</title>
  <rect width="${width}" height="${height}" rx="8" fill="#fff"/>
${drawn.join('\n')}
  ${text(margin, y + 2, foot, { fill: colours.quiet, 'font-size': 11 })}
</svg>
`;
}

/**
 * @param {string} title
 * @param {import('./measurements.mjs').MeasurementKind} kind
 * @param {readonly Standing[]} rows
 * @param {number} top
 */
function panel(title, kind, rows, top) {
  const left = margin + labelWidth;
  const greatest = Math.max(...rows.map(({ figures: [first] }) => first?.max ?? 0));
  const scale = (/** @type {number} */ value) => (value / greatest) * barWidth;
  const longer = kind.better === 'more' ? 'longer is better' : 'shorter is better';
  const base = rows.find(({ subject }) => subject.name === kind.base)?.subject.title;
  const better = base === undefined ? longer : `${longer}; × as ${base}`;
  const usual = Math.max(...rows.map(({ jobs }) => jobs));
  const lines = rows.map(({ subject, figures: [first = { median: 0, min: 0, max: 0 }], ratio, jobs }, index) => {
    const y = top + 38 + index * row;
    const middle = y + bar / 2;
    const length = Math.max(1.5, scale(first.median));
    const fill = subject.ours ? colours.ours : subject.limit ? colours.limit : colours.peer;
    const end = left + Math.max(length, scale(first.max)) + 8;
    const weight = subject.ours ? 600 : 400;
    const name = jobs === usual ? subject.title : `${subject.title} (${number(jobs)} jobs)`;
    const told = `${histories[subject.keepsHistory]}${ratio === undefined ? '' : `, ${ratio.toFixed(2)} ×`}`;
    return [
      text(left - 10, middle, name, { 'text-anchor': 'end', 'font-weight': weight }),
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${bar}" rx="2" fill="${fill}"/>`,
      first.max > first.min ? whisker(left + scale(first.min), left + scale(first.max), middle) : '',
      `<text x="${end.toFixed(1)}" y="${middle}" dominant-baseline="central" fill="${colours.text}"><tspan font-weight="600">${number(Math.round(first.median * 10) / 10)}</tspan><tspan dx="7" font-size="11" fill="${colours.quiet}">${escaped(told)}</tspan></text>`,
    ];
  });
  return [
    text(margin, top + 8, title, { 'font-size': 15, 'font-weight': 600 }),
    text(width - margin, top + 8, better, { 'text-anchor': 'end', fill: colours.quiet, 'font-size': 11 }),
    `<line x1="${left}" x2="${left}" y1="${top + 32}" y2="${top + 38 + rows.length * row - 4}" stroke="${colours.line}"/>`,
    ...lines.flat().filter((line) => line !== ''),
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} y
 */
const whisker = (from, to, y) =>
  `<path d="M${from.toFixed(1)} ${y - 3}v6M${from.toFixed(1)} ${y}H${to.toFixed(1)}m0 -3v6" stroke="${colours.text}" stroke-opacity=".55" fill="none"/>`;

/**
 * @param {number} x
 * @param {number} y of its middle
 * @param {string} content
 * @param {Record<string, string | number>} attributes
 */
function text(x, y, content, attributes) {
  const all = { x, y, 'dominant-baseline': 'central', fill: colours.text, ...attributes };
  const written = Object.entries(all).map(([name, value]) => ` ${name}="${value}"`);
  return `<text${written.join('')}>${escaped(content)}</text>`;
}

/** @param {string} content */
const escaped = (content) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
