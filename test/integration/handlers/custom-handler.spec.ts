import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { JobHandler } from '../../../src/handlers/domain/job-handler.js';
import { ArchiveFileHandler, ArchiveFolder } from './archive-file.handler.js';
import { aProgram } from './program.js';
import type { Program } from './program.js';

let folder: string;
let program: Program;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'punctual-archive-'));

  @Module({ providers: [ArchiveFileHandler, { provide: ArchiveFolder, useValue: folder }] })
  class TeamModule {}
  program = await aProgram({}, TeamModule);
});

afterAll(async () => {
  await program.close();
  await rm(folder, { recursive: true });
});

describe("a team's own handler", () => {
  it('is found in any module, next to the built-in ones', () => {
    expect(program.catalogue.names()).toEqual(['archive-file', 'email', 'http', 'log']);
  });

  it('is the one that the documentation shows', async () => {
    const example = await readFile(new URL('./archive-file.handler.ts', import.meta.url), 'utf8');
    const documented = await readFile(new URL('../../../docs/handlers.md', import.meta.url), 'utf8');
    const asCustomHandler = example.replaceAll('../../../src/handlers/', '../').replaceAll('../../../src/', '../../');
    expect(documented).toContain(asCustomHandler);
  });

  it('has its payload checked at submission', async () => {
    expect(await program.catalogue.validate('archive-file', { file: 'a.txt' })).toEqual([]);
    expect(await program.catalogue.validate('archive-file', { file: '../a', level: 10 })).toMatchObject([
      { pointer: '/file', detail: 'file must be the name of a file, without a folder.' },
      { pointer: '/level' },
    ]);
  });

  it('works, logs, reports progress, and answers', async () => {
    const text = 'punctual '.repeat(50_000);
    await writeFile(join(folder, 'report.txt'), text);
    const outcome = await program.run('archive-file', { file: 'report.txt' });
    expect(outcome).toMatchObject({ kind: 'succeeded', result: { file: 'report.txt.gz', size: text.length } });
    expect(gunzipSync(await readFile(join(folder, 'report.txt.gz'))).toString()).toBe(text);
    expect(await readdir(folder)).toEqual(['report.txt', 'report.txt.gz']);
    expect(program.lines.at(-1)).toMatch(/^Archived report\.txt: 450000 bytes became \d+\.$/);
    expect(program.steps.at(-1)).toBe(100);
  });

  it('fails for good when it says so', async () => {
    expect(await program.run('archive-file', { file: 'none.txt' })).toEqual({
      ...{ kind: 'failed', retryable: false },
      error: 'There is no file none.txt.',
    });
  });
});

describe('the boot', () => {
  it('stops when two handlers claim one name', async () => {
    @JobHandler('log')
    class MyLog implements JobHandler {
      handle(): void {}
    }

    @Module({ providers: [MyLog] })
    class TeamModule {}

    await expect(aProgram({}, TeamModule)).rejects.toThrow(
      /MyLog \(in TeamModule\) claims the name "log", which LogHandler \(in HandlersModule\) has already|LogHandler \(in HandlersModule\) claims the name "log", which MyLog/,
    );
  });

  it('stops at a name that a job could not use', async () => {
    @JobHandler('My Handler')
    class Misnamed implements JobHandler {
      handle(): void {}
    }

    @Module({ providers: [Misnamed] })
    class TeamModule {}

    await expect(aProgram({}, TeamModule)).rejects.toThrow('Misnamed (in TeamModule) claims the name "My Handler"');
  });
});
