import { parseArgs } from 'node:util';
import { unhurriedDataSource } from '../data-source.js';
import { SystemClock } from '../kernel/clock.js';
import { TypeormInvariantChecks } from '../runs/ledger/repositories/typeorm-invariant-checks.js';
import { Invariants, isClean, report } from '../runs/ledger/services/invariants.js';
import { commandConfig, runCommand, withDataSource } from './command.js';

const failureCode = 2;

/** The range of creation times to check, from `--from` and `--to`; by default all runs. @throws Error for a malformed time */
function readTimes(): [Date, Date] {
  const { values } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } });
  const time = (name: 'from' | 'to', otherwise: Date): Date => {
    const text = values[name];
    const at = text === undefined ? otherwise : new Date(text);
    if (Number.isNaN(at.getTime()))
      throw new Error(`--${name} is "${text}"; give a time such as 2030-01-31T09:00:00Z.`);
    return at;
  };
  const aDayMs = 86_400_000;
  return [time('from', new Date(0)), time('to', new Date(new SystemClock().now().getTime() + aDayMs))];
}

/**
 * `node dist/commands/verify.js [--from <time>] [--to <time>]`: checks the invariants of the runs created in that range. Exit codes: 0 when
 * all hold, 1 when one is violated, 2 on an error.
 */
await runCommand(failureCode, async () => {
  const config = commandConfig();
  const [from, to] = readTimes();
  const check = await withDataSource(unhurriedDataSource(config), (dataSource) =>
    new Invariants(new TypeormInvariantChecks(dataSource), config).audit(from, to),
  );
  process.stdout.write(`${report(check)}\n`);
  return isClean(check) ? 0 : 1;
});
