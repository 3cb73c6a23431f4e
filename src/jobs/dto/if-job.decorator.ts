import { preconditionDecorator } from '../../http/decorators/precondition.decorator.js';
import type { JobView } from '../domain/job.js';
import { JobDto } from './job.dto.js';

/** The precondition of the request on the job in its path; see {@link preconditionDecorator}. */
export const IfJob = preconditionDecorator((job: JobView) => JobDto.of(job));
