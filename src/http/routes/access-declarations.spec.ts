import { Controller, Get } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { AccessDeclarations } from './access-declarations.js';
import { Access, accountOnly } from '../decorators/access.decorator.js';
import { Public } from '../decorators/public.decorator.js';

@Controller('declared')
class Declared {
  @Public()
  @Get('open')
  open(): void {}

  @Access(accountOnly)
  @Get('closed')
  closed(): void {}

  notARoute(): void {}
}

@Access({ scope: 'jobs:read' })
@Controller('declared-as-a-whole')
class DeclaredAsAWhole {
  @Get()
  one(): void {}
}

@Controller('forgotten')
class Forgotten {
  @Access({ scope: 'jobs:read' })
  @Get('one')
  one(): void {}

  @Get('two')
  two(): void {}

  @Get('three')
  three(): void {}
}

const boot = async (...controllers: (new () => object)[]) => {
  const testing = Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: [AccessDeclarations],
  });
  const app = await testing.compile();
  await app.init();
  await app.close();
};

describe('AccessDeclarations', () => {
  it('lets a program boot whose routes all say who may use them', async () => {
    await expect(boot(Declared, DeclaredAsAWhole)).resolves.toBeUndefined();
  });

  it('stops the boot and names each route that does not', async () => {
    await expect(boot(Declared, Forgotten)).rejects.toThrow(
      'add @Access(…) or @Public(): Forgotten.two, Forgotten.three',
    );
  });
});
