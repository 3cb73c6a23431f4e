import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../decorators/public.decorator.js';
import { LivenessDto, ReadinessDto } from '../dto/health.dto.js';
import { ReadinessService } from '../services/readiness.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  /**
   * Is the process up?
   *
   * @remarks Answers without asking any other part. Restart the process when this fails.
   */
  @Get('live')
  @ApiOkResponse({ description: 'It is up.', type: LivenessDto })
  live(): LivenessDto {
    return { status: 'ok', uptimeSeconds: this.readiness.uptimeSeconds() };
  }

  /**
   * Can the process do its work?
   *
   * @remarks Asks PostgreSQL, Redis, the queue and the migrations, each for at most two seconds. Send traffic elsewhere while this is 503.
   */
  @Get('ready')
  @ApiOkResponse({ description: 'Every part is up.', type: ReadinessDto })
  @ApiServiceUnavailableResponse({ description: 'A part is down, or the process is stopping.', type: ReadinessDto })
  async ready(@Res({ passthrough: true }) reply: { status(code: number): unknown }): Promise<ReadinessDto> {
    const report = await this.readiness.report();
    reply.status(report.status === 'ok' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }
}
