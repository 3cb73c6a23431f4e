import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { BodyMeanings } from '../../http/validation/body-meanings.js';
import { isJsonObject } from '../../kernel/json.js';
import { IClock } from '../../kernel/clock.js';
import type { FieldProblem } from '../../kernel/errors.js';
import { Slices } from '../../kernel/slices.js';
import { JobDefinitions } from '../services/job-definitions.js';
import { PreviewScheduleDto } from './preview.dto.js';
import { ChangeJobDto, SubmitJobDto, SubmitJobsDto } from './submit-job.dto.js';

/** Maximum number of faults that an answer names; the search stops there. */
const maxFaults = 100;

/** Adds faults in the meaning of a job's body to an answer that refuses its shape. */
@Injectable()
export class JobBodies implements OnModuleInit {
  constructor(
    private readonly meanings: BodyMeanings,
    private readonly definitions: JobDefinitions,
    @Inject(IClock) private readonly clock: IClock,
  ) {}

  onModuleInit(): void {
    this.meanings.register(SubmitJobDto, (sent) => this.definitions.faultsOf(sent, this.clock.now()));
    this.meanings.register(ChangeJobDto, (sent) => this.definitions.faultsOfFields(sent, this.clock.now()));
    this.meanings.register(SubmitJobsDto, (sent) => this.ofEach(sent));
    this.meanings.register(PreviewScheduleDto, (sent) =>
      this.definitions.faultsOf({ ...sent, type: 'recurring' }, this.clock.now()),
    );
  }

  private async ofEach(sent: { jobs?: unknown }): Promise<FieldProblem[]> {
    const jobs: unknown[] = Array.isArray(sent.jobs) ? sent.jobs : [];
    const faults: FieldProblem[] = [];
    const slices = new Slices();
    for (const [index, job] of jobs.entries()) {
      await slices.next();
      if (faults.length >= maxFaults) break;
      const found = isJsonObject(job) ? await this.definitions.faultsOf(job, this.clock.now()) : [];
      faults.push(...found.map(({ pointer, detail }) => ({ pointer: `/jobs/${index}${pointer}`, detail })));
    }
    return faults;
  }
}
