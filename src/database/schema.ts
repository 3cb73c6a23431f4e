import { ApiKeyEntity } from '../auth/entities/api-key.entity.js';
import { InviteEntity } from '../auth/entities/invite.entity.js';
import { RefreshTokenEntity } from '../auth/entities/refresh-token.entity.js';
import { SessionEntity } from '../auth/entities/session.entity.js';
import { CalendarEntity } from '../calendars/entities/calendar.entity.js';
import { IdempotencyKeyEntity } from '../idempotency/entities/idempotency-key.entity.js';
import { JobEntity } from '../jobs/entities/job.entity.js';
import { JobVersionEntity } from '../jobs/entities/job-version.entity.js';
import { BackfillEntity } from '../runs/entities/backfill.entity.js';
import { ExecutionEntity } from '../runs/entities/execution.entity.js';
import { FailureNoticeEntity } from '../runs/entities/failure-notice.entity.js';
import { LedgerAuditEntity } from '../runs/entities/ledger-audit.entity.js';
import { LogLineEntity } from '../runs/entities/log-line.entity.js';
import { RunEntity } from '../runs/entities/run.entity.js';
import { UserEntity } from '../users/entities/user.entity.js';

/** Every table, in one list: the application and the migrations must speak of the same ones. */
export const entities = [
  UserEntity,
  SessionEntity,
  RefreshTokenEntity,
  ApiKeyEntity,
  InviteEntity,
  CalendarEntity,
  IdempotencyKeyEntity,
  JobEntity,
  JobVersionEntity,
  RunEntity,
  ExecutionEntity,
  LogLineEntity,
  FailureNoticeEntity,
  BackfillEntity,
  LedgerAuditEntity,
];
