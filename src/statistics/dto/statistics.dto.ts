import { ApiProperty } from '@nestjs/swagger';
import type { StoredJobStatus } from '../../jobs/domain/job-status.js';
import type { RunState } from '../../runs/domain/run-state.js';
import type { InstallationStatistics } from '../services/statistics.js';

const countsOf = (example: Record<string, number>) =>
  ({ type: 'object', additionalProperties: { type: 'integer' }, example }) as const;

/** The whole installation at a glance. */
export class StatisticsDto {
  @ApiProperty({
    ...countsOf({ total: 12, active: 11, admins: 2 }),
    description: 'All users, those who may log in, and the admins among these.',
  })
  users!: { total: number; active: number; admins: number };

  @ApiProperty({
    ...countsOf({ pending: 40, completed: 800, failed: 3, cancelled: 7, paused: 1 }),
    description: 'Jobs by status; running ones count as pending.',
  })
  jobs!: Record<StoredJobStatus, number>;

  @ApiProperty({
    ...countsOf({
      scheduled: 0,
      running: 2,
      retrying: 1,
      succeeded: 1_440,
      failed: 3,
      cancelled: 0,
      skipped: 4,
      missed: 0,
    }),
    description: 'Runs by state whose nominal time lay in the last 24 hours.',
  })
  runs!: Record<RunState, number>;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When the run was due that has waited longest to start.',
  })
  oldestOverdueAt!: Date | null;

  @ApiProperty({ type: Number, nullable: true, example: 12, description: 'For how long it has waited, in ms.' })
  overdueMs!: number | null;

  static of(statistics: InstallationStatistics): StatisticsDto {
    return { ...statistics };
  }
}
