import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { WithETag } from '../../http/decorators/etag.decorator.js';
import { ApiIdempotencyKey, answerOf, idempotencyKeyOf } from '../../http/decorators/idempotency-key.decorator.js';
import { WithPreconditions, preconditionDecorator } from '../../http/decorators/precondition.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Precondition } from '../../kernel/precondition.js';
import type { Principal } from '../../kernel/principal.js';
import type { Page } from '../../kernel/page.js';
import type { CalendarView } from '../domain/calendar.js';
import { CalendarDto, WriteCalendarDto } from '../dto/calendar.dto.js';
import { Calendars } from '../services/calendars.js';

const IfCalendar = preconditionDecorator((calendar: CalendarView) => CalendarDto.of(calendar));

@ApiTags('jobs')
@Controller('calendars')
export class CalendarsController {
  constructor(private readonly calendars: Calendars) {}

  /**
   * Create a calendar
   *
   * @remarks A list of blackout days that jobs name in `calendars`: times on these days end as `skipped: calendar`. 409 when you have one of this name, or `CALENDARS_PER_USER` of them.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('calendar.created', 'calendar')
  @Post()
  @WithETag()
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ description: 'The calendar.', type: CalendarDto })
  @ApiProblems(400, 409, 413, 415, 422, 503)
  async create(
    @Body() body: WriteCalendarDto,
    @CurrentUser() { userId }: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CalendarDto> {
    const created = await this.calendars.create(body, userId, idempotencyKeyOf(request));
    return CalendarDto.of({ ...answerOf(created, reply), jobsWaiting: 0 });
  }

  /**
   * List your calendars
   *
   * @remarks By name. Of a calendar with many days the first 300 are shown.
   */
  @Access({ scope: 'jobs:read' })
  @Get()
  @ApiPage(CalendarDto)
  @ApiProblems(400)
  async list(@Query() query: PageQueryDto, @CurrentUser() { userId }: Principal): Promise<Page<CalendarDto>> {
    const { data, meta } = await this.calendars.list(userId, query);
    return { data: data.map((calendar) => CalendarDto.of(calendar)), meta };
  }

  /**
   * Read a calendar
   *
   * @remarks Its name and its days, and how many jobs its latest change has still to reach.
   */
  @Access({ scope: 'jobs:read' })
  @Get(':id')
  @WithETag()
  @ApiOkResponse({ description: 'The calendar.', type: CalendarDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<CalendarDto> {
    return CalendarDto.of(await this.calendars.get(id, userId));
  }

  /**
   * Replace a calendar
   *
   * @remarks The jobs that use it get the new days one after the other, those whose next time comes first before the others: for each, the change is in force for the times after that, and what has not started is planned anew. Up to 100 have followed when this is answered; `jobsWaiting` says how many have not, and reaches 0 within seconds. The same name and days again change nothing.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('calendar.replaced', 'calendar')
  @Put(':id')
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The calendar.', type: CalendarDto })
  @ApiProblems(400, 404, 409, 412, 413, 415, 503)
  async replace(
    @Param('id', IdPipe) id: string,
    @Body() body: WriteCalendarDto,
    @CurrentUser() { userId }: Principal,
    @IfCalendar() expected: Precondition<CalendarView>,
  ): Promise<CalendarDto> {
    return CalendarDto.of(await this.calendars.replace(id, userId, body, expected));
  }

  /**
   * Delete a calendar
   *
   * @remarks 409, with the names of the jobs, while unfinished jobs use it.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('calendar.deleted', 'calendar')
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @WithPreconditions()
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(400, 404, 409, 503)
  async delete(
    @Param('id', IdPipe) id: string,
    @CurrentUser() { userId }: Principal,
    @IfCalendar() expected: Precondition<CalendarView>,
  ): Promise<void> {
    await this.calendars.delete(id, userId, expected);
  }
}
