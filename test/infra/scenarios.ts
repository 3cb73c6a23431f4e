import type { Scenario } from './scenario.js';
import { encrypted, unixSockets } from './scenarios/encrypted.js';
import { demoted, drained, promoted, standbyGone } from './scenarios/failovers.js';
import { plain } from './scenarios/plain.js';
import { pgbouncerSession, pgbouncerStatement, pgbouncerTransaction, poolerLater } from './scenarios/poolers.js';
import { cluster, sentinels } from './scenarios/redis-failovers.js';
import { aclUser, passwordChanged, unwritableRedis } from './scenarios/redis-refusals.js';
import { foreignFormats, ownSchema } from './scenarios/servers-of-their-own.js';

/** In the order in which they are performed. */
export const scenarios: Scenario[] = [
  plain,
  ...[pgbouncerSession, pgbouncerTransaction, pgbouncerStatement, poolerLater],
  ...[encrypted, unixSockets, foreignFormats, ownSchema],
  ...[demoted, promoted, standbyGone, drained],
  ...[aclUser, passwordChanged, ...unwritableRedis, sentinels, cluster],
];
