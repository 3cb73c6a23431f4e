import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import { ExplanationDto } from '../dto/explanation.dto.js';
import { Explanations } from '../services/explanations.js';

/** Why anybody's run is where it is, for admins. */
@ApiTags('admin')
@Controller('admin/runs/:id')
export class AdminRunExplanationController {
  constructor(private readonly explanations: Explanations) {}

  /**
   * Explain anybody's run
   *
   * @remarks As `GET /runs/{id}/explain`.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get('explain')
  @ApiOkResponse({ description: 'The explanation.', type: ExplanationDto })
  @ApiProblems(400, 404)
  async explain(@Param('id', IdPipe) id: string): Promise<ExplanationDto> {
    return ExplanationDto.of(await this.explanations.ofRun(id, null));
  }
}
