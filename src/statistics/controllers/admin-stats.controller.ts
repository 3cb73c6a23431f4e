import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { StatisticsDto } from '../dto/statistics.dto.js';
import { Statistics } from '../services/statistics.js';

@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/stats')
export class AdminStatsController {
  constructor(private readonly installation: Statistics) {}

  /**
   * Look at the installation
   *
   * @remarks Users, jobs by status, the runs of the last 24 hours by state, and how late the latest is. Counted anew each time.
   */
  @Get()
  @ApiOkResponse({ description: 'The figures.', type: StatisticsDto })
  @ApiProblems(503)
  async read(): Promise<StatisticsDto> {
    return StatisticsDto.of(await this.installation.statisticsNow());
  }
}
