import { AuditEventEntity } from './audit/entities/audit-event.entity.js';
import { ApiKeyEntity } from './auth/entities/api-key.entity.js';
import { InviteEntity } from './auth/entities/invite.entity.js';
import { RefreshTokenEntity } from './auth/entities/refresh-token.entity.js';
import { SessionEntity } from './auth/entities/session.entity.js';
import { CalendarVersionEntity } from './calendars/entities/calendar-version.entity.js';
import { CalendarEntity } from './calendars/entities/calendar.entity.js';
import { IdempotencyKeyEntity } from './idempotency/entities/idempotency-key.entity.js';
import { JobEntity } from './jobs/entities/job.entity.js';
import { JobVersionEntity } from './jobs/entities/job-version.entity.js';
import { LiveJobPlacesEntity } from './jobs/entities/live-job-places.entity.js';
import { MailCountEntity } from './quotas/entities/mail-count.entity.js';
import { UserQuotaEntity } from './quotas/entities/user-quota.entity.js';
import { BackfillEntity } from './runs/backfills/entities/backfill.entity.js';
import { EarlierExecutionEntity } from './runs/entities/earlier-execution.entity.js';
import { FailureNoticeEntity } from './runs/entities/failure-notice.entity.js';
import { LedgerCheckEntity } from './runs/ledger/entities/ledger-check.entity.js';
import { LogLineEntity } from './runs/entities/log-line.entity.js';
import { PrunedHistoryEntity } from './runs/entities/pruned-history.entity.js';
import { InvariantCheckEntity } from './runs/ledger/entities/invariant-check.entity.js';
import { RunEntity } from './runs/entities/run.entity.js';
import { SecretKeyEntity } from './secrets/entities/secret-key.entity.js';
import { SecretEntity } from './secrets/entities/secret.entity.js';
import { UserEntity } from './users/entities/user.entity.js';

/** Every table, in one list: the application and the migrations must speak of the same ones. */
export const entities = [
  AuditEventEntity,
  UserEntity,
  SessionEntity,
  RefreshTokenEntity,
  ApiKeyEntity,
  InviteEntity,
  SecretEntity,
  SecretKeyEntity,
  CalendarEntity,
  CalendarVersionEntity,
  IdempotencyKeyEntity,
  JobEntity,
  JobVersionEntity,
  LiveJobPlacesEntity,
  MailCountEntity,
  UserQuotaEntity,
  RunEntity,
  EarlierExecutionEntity,
  LogLineEntity,
  FailureNoticeEntity,
  BackfillEntity,
  LedgerCheckEntity,
  InvariantCheckEntity,
  PrunedHistoryEntity,
];
