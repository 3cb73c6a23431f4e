import { Controller, Delete, Get, Post } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { AuditDeclarations } from './audit-declarations.js';
import { Audited, Unaudited } from '../decorators/audited.decorator.js';

@Controller('declared')
class Declared {
  @Get()
  read(): void {}

  @Audited('thing.created', 'thing')
  @Post()
  create(): void {}

  @Unaudited('It stores nothing.')
  @Post('preview')
  preview(): void {}

  notARoute(): void {}
}

@Controller('forgotten')
class Forgotten {
  @Get()
  read(): void {}

  @Post()
  create(): void {}

  @Delete()
  remove(): void {}
}

const boot = async (...controllers: (new () => object)[]) => {
  const testing = Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: [AuditDeclarations],
  });
  const app = await testing.compile();
  await app.init();
  await app.close();
};

describe('AuditDeclarations', () => {
  it('lets a program boot whose writing routes all say what the audit log calls them', async () => {
    await expect(boot(Declared)).resolves.toBeUndefined();
  });

  it('stops the boot and names each that does not', async () => {
    await expect(boot(Declared, Forgotten)).rejects.toThrow(
      "add @Audited(…) or @Unaudited('why'): Forgotten.create, Forgotten.remove",
    );
  });
});
