import type { DataSource } from 'typeorm';
import { readConfig } from '../config/config.js';
import type { Config } from '../config/config.js';
import { processEnvironment } from '../config/environment.js';

/** Commands sign no token, but `readConfig` checks the configuration as a whole, and that needs a secret. */
const unusedSecret = 'unused-by-commands-0123456789abcdef';

/** Reads the configuration of a command, which needs no `JWT_SECRET`. @throws ConfigError */
export function commandConfig(): Config {
  const environment = processEnvironment();
  return readConfig({ ...environment, JWT_SECRET: environment['JWT_SECRET'] || unusedSecret });
}

/** Connects to the database for the duration of `work`. Resolves or rejects as `work` does, after the connection is closed. */
export async function withDataSource<T>(
  dataSource: DataSource,
  work: (connected: DataSource) => Promise<T>,
): Promise<T> {
  try {
    await dataSource.initialize();
    return await work(dataSource);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

/**
 * Runs a command. An error goes to stderr as its message alone, without a stack.
 * @param work resolves with the exit code
 * @param failureCode exit code when `work` rejects
 */
export async function runCommand(failureCode: number, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = failureCode;
  }
}
