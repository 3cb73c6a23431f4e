import type { Scenario } from './scenario.js';
import { pgbouncerSession } from './scenarios/pgbouncer-session.js';
import { plain } from './scenarios/plain.js';

/** In the order in which they are performed. */
export const scenarios: Scenario[] = [plain, pgbouncerSession];
