import { Initial1763650000000 } from './1763650000000-Initial.js';
import { BackfillsCalendarsAudits1763660000000 } from './1763660000000-BackfillsCalendarsAudits.js';
import { Accounts1763665000000 } from './1763665000000-Accounts.js';
import { ListIndexes1763668000000 } from './1763668000000-ListIndexes.js';
import { PrunedHistories1763671000000 } from './1763671000000-PrunedHistories.js';
import { Quotas1763672000000 } from './1763672000000-Quotas.js';
import { AuditEvents1763674000000 } from './1763674000000-AuditEvents.js';
import { Secrets1763676000000 } from './1763676000000-Secrets.js';
import { AttemptsInRuns1763680000000 } from './1763680000000-AttemptsInRuns.js';
import { RunAudits1763682000000 } from './1763682000000-RunAudits.js';
import { RunsByTime1763684000000 } from './1763684000000-RunsByTime.js';
import { RecurringJobs1763685000000 } from './1763685000000-RecurringJobs.js';
import { RoomForClaims1763687000000 } from './1763687000000-RoomForClaims.js';
import { HoldLiveJobPlaces1763688000000 } from './1763688000000-HoldLiveJobPlaces.js';
import { OnlyRunsByJob1763690000000 } from './1763690000000-OnlyRunsByJob.js';
import { RoomForEnds1763691000000 } from './1763691000000-RoomForEnds.js';
import { LocksInsteadOfReferences1763693000000 } from './1763693000000-LocksInsteadOfReferences.js';
import { KeepPlaces1763712000000 } from './1763712000000-KeepPlaces.js';
import { DisabledAccounts1763718000000 } from './1763718000000-DisabledAccounts.js';
import { SecretKeys1763724000000 } from './1763724000000-SecretKeys.js';
import { KeysInOrder1763726000000 } from './1763726000000-KeysInOrder.js';
import { RanVersion1763727000000 } from './1763727000000-RanVersion.js';
import { CalendarVersions1763728000000 } from './1763728000000-CalendarVersions.js';

/** All migrations, oldest first. */
export const migrations = [
  Initial1763650000000,
  BackfillsCalendarsAudits1763660000000,
  Accounts1763665000000,
  ListIndexes1763668000000,
  PrunedHistories1763671000000,
  Quotas1763672000000,
  AuditEvents1763674000000,
  Secrets1763676000000,
  AttemptsInRuns1763680000000,
  RunAudits1763682000000,
  RunsByTime1763684000000,
  RecurringJobs1763685000000,
  RoomForClaims1763687000000,
  HoldLiveJobPlaces1763688000000,
  OnlyRunsByJob1763690000000,
  RoomForEnds1763691000000,
  LocksInsteadOfReferences1763693000000,
  KeepPlaces1763712000000,
  DisabledAccounts1763718000000,
  SecretKeys1763724000000,
  KeysInOrder1763726000000,
  RanVersion1763727000000,
  CalendarVersions1763728000000,
];
