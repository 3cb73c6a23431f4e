import type { Executed, Plan } from './watched-plans.js';

export interface Bounds {
  /** Tables that nobody may read as a whole. */
  bigTables: string[];
  /** Rows that one sort may take in. */
  sorted: number;
  /** Rows that a statement may look at, whether it wants them or not. Unbounded where it is left out. */
  rows?: number;
  /** Statements that are not judged. */
  except: RegExp[];
}

const rowsIn = (node: Plan): number =>
  (node.Plans ?? []).reduce((sum, child) => sum + child['Actual Rows'] * child['Actual Loops'], 0);

const lookedAt = (node: Plan): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
  node['Actual Loops'];

/** What is wrong with how PostgreSQL went about each statement, each fault once. */
export function judge(executed: Executed[], { bigTables, sorted, rows = Infinity, except }: Bounds): string[] {
  const judged = executed.filter(({ text }) => !except.some((pattern) => pattern.test(text)));
  const faults = judged.flatMap(({ text, nodes }) => {
    const wholeTables = nodes
      .filter((node) => node['Node Type'] === 'Seq Scan' && bigTables.includes(node['Relation Name'] ?? ''))
      .map((node) => `reads all of ${node['Relation Name']}`);
    const sorts = nodes
      .filter((node) => node['Node Type'] === 'Sort' && rowsIn(node) > sorted)
      .map((node) => `sorts ${rowsIn(node)} rows`);
    const scans = nodes.filter(
      (node) => node['Node Type'].endsWith('Scan') && (node['Relation Name'] ?? node['Index Name']),
    );
    const read = scans.reduce((sum, node) => sum + lookedAt(node), 0);
    const ways = scans.map((node) => node['Index Name'] ?? node['Relation Name']).join(', ');
    const much = read > rows ? [`looks at ${read} rows of ${ways}`] : [];
    return [...wholeTables, ...sorts, ...much].map((fault) => `${fault}: ${text}`);
  });
  return [...new Set(faults)];
}
