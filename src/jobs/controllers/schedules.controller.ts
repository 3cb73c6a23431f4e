import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Unaudited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import { PreviewScheduleDto, SchedulePreviewDto } from '../dto/preview.dto.js';
import { previewExamples } from '../dto/preview-examples.js';
import { SchedulePreviews } from '../services/schedule-previews.js';

@ApiTags('jobs')
@Access({ scope: 'jobs:read' })
@Controller('schedules')
export class SchedulesController {
  constructor(private readonly previews: SchedulePreviews) {}

  /**
   * Preview a schedule
   *
   * @remarks The next nominal times with their reasons, what the zone's next two clock changes do to them under each rule, and what may surprise. Nothing is stored. 422 when the schedule never fires after `from`.
   */
  @Unaudited('It stores nothing.')
  @Post('preview')
  @HttpCode(HttpStatus.OK)
  @ApiBody({ type: PreviewScheduleDto, examples: previewExamples })
  @ApiOkResponse({ description: 'What the schedule will do.', type: SchedulePreviewDto })
  @ApiProblems(400, 404, 413, 415, 422, 503)
  async preview(
    @Body() { from, count, jobId, ...schedule }: PreviewScheduleDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<SchedulePreviewDto> {
    const request = { from: from ?? null, count, jobId: jobId ?? null };
    return SchedulePreviewDto.of(await this.previews.preview(schedule, userId, request));
  }
}
