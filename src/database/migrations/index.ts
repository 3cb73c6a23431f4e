import { Initial1763650000000 } from './1763650000000-Initial.js';
import { BackfillsCalendarsAudits1763660000000 } from './1763660000000-BackfillsCalendarsAudits.js';
import { Accounts1763665000000 } from './1763665000000-Accounts.js';

/** All migrations, oldest first. */
export const migrations = [Initial1763650000000, BackfillsCalendarsAudits1763660000000, Accounts1763665000000];
