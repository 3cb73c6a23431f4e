import { existsSync } from 'node:fs';
import type { Environment } from './environment-reader.js';

/** The process's environment; values in a `.env` file of the working directory fill in what is not set. */
export function processEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}
