import { IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { runStates } from '../domain/run-state.js';
import type { RunState } from '../domain/run-state.js';

export class RunQueryDto extends PageQueryDto {
  @IsOptional()
  @IsIn(runStates)
  state?: RunState;
}
