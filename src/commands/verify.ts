import { parseArgs } from 'node:util';
import { readConfig } from '../config/config.js';
import { processEnvironment } from '../config/environment.js';
import { unhurriedDataSource } from '../data-source.js';
import { SystemClock } from '../kernel/clock.js';
import { TypeormInvariantChecks } from '../runs/ledger/repositories/typeorm-invariant-checks.js';
import { Invariants, isClean, report } from '../runs/ledger/services/invariants.js';

/** `node dist/commands/verify.js [--from <time>] [--to <time>]`: checks the runs created in between, by default all of them. */
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

// An audit signs nothing; the configuration as a whole is still checked.
const unusedSecret = 'unused-by-audits-0123456789abcdef';
try {
  const environment = processEnvironment();
  const config = readConfig({ ...environment, JWT_SECRET: environment['JWT_SECRET'] || unusedSecret });
  const [from, to] = readTimes();
  const dataSource = unhurriedDataSource(config);
  await dataSource.initialize();
  const audit = await new Invariants(new TypeormInvariantChecks(dataSource), config).audit(from, to);
  await dataSource.destroy();
  process.stdout.write(`${report(audit)}\n`);
  process.exitCode = isClean(audit) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
