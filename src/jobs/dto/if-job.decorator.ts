import { preconditionDecorator } from '../../http/decorators/precondition.decorator.js';
import type { JobView } from '../domain/job.js';
import { JobDto } from './job.dto.js';

/** What the request requires of the job that its path names; {@link preconditionDecorator}. */
export const IfJob = preconditionDecorator((job: JobView) => JobDto.of(job));
