import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { AuditEventDto, AuditEventsDto, AuditQueryDto } from '../dto/audit.dto.js';
import { AuditQueries } from '../services/audit-queries.js';

@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/audit')
export class AdminAuditController {
  constructor(private readonly queries: AuditQueries) {}

  /**
   * Read the audit log
   *
   * @remarks Who did what, to what, from where, and what was refused; the latest first. All filters must hold. The log grows while it is read, so it is walked by `cursor`: `meta.nextCursor` asks for what comes next.
   */
  @Get()
  @ApiOkResponse({ description: 'A stretch of the log.', type: AuditEventsDto })
  @ApiProblems(400, 503)
  async list(@Query() query: AuditQueryDto): Promise<AuditEventsDto> {
    const { data, meta } = await this.queries.list(query.filter(), query.limit, query.cursor || null);
    return { data: data.map((event) => AuditEventDto.of(event)), meta };
  }
}
