import { createReadStream, createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Inject } from '@nestjs/common';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import type { JsonObject } from '../../../src/kernel/json.js';
import { NonRetryableError } from '../../../src/runs/domain/outcome.js';
import { JobHandler } from '../../../src/handlers/domain/job-handler.js';
import type { HandlerContext } from '../../../src/handlers/domain/job-handler.js';

/** Folder that files are archived in. */
export const ArchiveFolder = Symbol('ArchiveFolder');

class ArchiveFilePayload {
  @Matches(/^\w[\w.-]*$/, { message: 'file must be the name of a file, without a folder' })
  file!: string;

  /** Compression from 1 (fast) to 9 (small). */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(9)
  level = 6;
}

@JobHandler('archive-file', { payload: ArchiveFilePayload })
export class ArchiveFileHandler implements JobHandler<ArchiveFilePayload> {
  constructor(@Inject(ArchiveFolder) private readonly folder: string) {}

  async handle({ payload, runId, signal, log, progress }: HandlerContext<ArchiveFilePayload>): Promise<JsonObject> {
    const source = join(this.folder, payload.file);
    const { size } = await stat(source).catch(() => {
      throw new NonRetryableError(`There is no file ${payload.file}.`);
    });
    let read = 0;
    const reader = createReadStream(source).on('data', (chunk) => {
      read += chunk.length;
      progress((read / size) * 100);
    });
    // A name of the run's own, renamed when complete: an attempt that dies half way leaves nothing that looks finished.
    const part = `${source}.${runId}.part`;
    await pipeline(reader, createGzip({ level: payload.level }), createWriteStream(part), { signal });
    await rename(part, `${source}.gz`);
    const { size: archived } = await stat(`${source}.gz`);
    log(`Archived ${payload.file}: ${size} bytes became ${archived}.`);
    return { file: `${payload.file}.gz`, size, archived };
  }
}
