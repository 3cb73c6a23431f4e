import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { CurrentUser } from '../../../http/decorators/current-user.decorator.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import type { Principal } from '../../../kernel/principal.js';
import { ExplanationDto } from '../dto/explanation.dto.js';
import { Explanations } from '../services/explanations.js';

@ApiTags('runs')
@Access({ scope: 'runs:read' })
@Controller('runs/:id')
export class RunExplanationController {
  constructor(private readonly explanations: Explanations) {}

  /**
   * Explain a run
   *
   * @remarks Why it ran, waits or did not run: the gates in order, what holds it, and what would let it start.
   */
  @Get('explain')
  @ApiOkResponse({ description: 'The explanation.', type: ExplanationDto })
  @ApiProblems(400, 404)
  async explain(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<ExplanationDto> {
    return ExplanationDto.of(await this.explanations.ofRun(id, userId));
  }
}
