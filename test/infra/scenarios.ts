import type { Scenario } from './scenario.js';
import { encrypted, unixSockets } from './scenarios/encrypted.js';
import { plain } from './scenarios/plain.js';
import { pgbouncerSession, pgbouncerStatement, pgbouncerTransaction, poolerLater } from './scenarios/poolers.js';

/** In the order in which they are performed. */
export const scenarios: Scenario[] = [
  plain,
  pgbouncerSession,
  pgbouncerTransaction,
  pgbouncerStatement,
  poolerLater,
  encrypted,
  unixSockets,
];
