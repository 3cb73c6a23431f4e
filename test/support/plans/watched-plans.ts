import pg from 'pg';

/** A node of a plan as `auto_explain` tells it: what PostgreSQL did, not what it might have done. */
export interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Rows Removed by Join Filter'?: number;
  Plans?: Plan[];
}

/** A statement that was sent, by whichever part of the program. */
export interface Executed {
  text: string;
  nodes: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Has every new connection to `database` tell the plan of each statement that it has executed. As a superuser. */
export async function tellPlans(client: pg.Client, database: string): Promise<void> {
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
    'auto_explain.log_parameter_max_length': '0',
    random_page_cost: '1.1', // as on any disk without a moving arm
  };
  for (const [name, value] of Object.entries(settings))
    await client.query(`ALTER DATABASE ${database} SET ${name} = '${value}'`);
}

/** Collects what the connections of this process are told, whichever pool they belong to, until `stop`. */
export function watchPlans(): { executed: Executed[]; stop(): void } {
  const executed: Executed[] = [];
  const emit = pg.Client.prototype.emit;
  pg.Client.prototype.emit = function (this: pg.Client, event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'notice') {
      const [, json] = /plan:\s*(\{[\s\S]*\})\s*$/.exec((args[0] as { message?: string }).message ?? '') ?? [];
      if (json) {
        const { 'Query Text': text, Plan: plan } = JSON.parse(json) as { 'Query Text': string; Plan: Plan };
        executed.push({ text: text.replace(/\s+/g, ' ').trim(), nodes: nodesOf(plan) });
      }
    }
    return emit.call(this, event, ...args);
  } as typeof emit;
  return { executed, stop: () => void (pg.Client.prototype.emit = emit) };
}
