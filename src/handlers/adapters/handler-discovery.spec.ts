import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, Scope } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { IsInt, IsOptional } from 'class-validator';
import type { FieldProblem } from '../../kernel/errors.js';
import { HandlerRegistry } from '../domain/handler-registry.js';
import { JobHandler } from '../domain/job-handler.js';
import { HandlerCatalogue } from './handler-catalogue.js';
import { discoverHandlers } from './handler-discovery.js';

class ResizePayload {
  @IsInt()
  width!: number;

  @IsOptional()
  @IsInt()
  height?: number;
}

@JobHandler('resize-image', { payload: ResizePayload })
class ResizeImage implements JobHandler<ResizePayload> {
  validate({ width }: ResizePayload): FieldProblem[] {
    return width > 100 ? [{ pointer: '/width', detail: 'At most 100.' }] : [];
  }

  handle(): void {}
}

@JobHandler('resize-image')
class AnotherResizer implements JobHandler {
  handle(): void {}
}

@JobHandler('per-request')
@Injectable({ scope: Scope.REQUEST })
class PerRequest implements JobHandler {
  handle(): void {}
}

async function registryWith(...providers: Provider[]): Promise<HandlerRegistry> {
  @Module({ providers })
  class TeamModule {}
  const program = await Test.createTestingModule({ imports: [DiscoveryModule, TeamModule] }).compile();
  return new HandlerRegistry(() => discoverHandlers(program.get(DiscoveryService)));
}

describe('discoverHandlers', () => {
  it('finds a handler in any module, without a registration', async () => {
    const registry = await registryWith(ResizeImage);
    expect(registry.names()).toEqual(['resize-image']);
    expect(registry.find('resize-image')?.instance).toBeInstanceOf(ResizeImage);
    expect(registry.find('resize-image')?.origin).toBe('ResizeImage (in TeamModule)');
  });

  it.each<[string, Provider]>([
    ['a factory', { provide: 'token', useFactory: () => new ResizeImage() }],
    ['a value', { provide: 'token', useValue: new ResizeImage() }],
    ['a class under a token', { provide: 'token', useClass: ResizeImage }],
  ])('finds one that is provided as %s', async (_, provider) => {
    expect((await registryWith(provider)).names()).toEqual(['resize-image']);
  });

  it('counts one instance under two tokens once', async () => {
    const registry = await registryWith(ResizeImage, { provide: 'alias', useExisting: ResizeImage });
    expect(registry.names()).toEqual(['resize-image']);
  });

  it('refuses two classes with one name', async () => {
    const registry = await registryWith(ResizeImage, AnotherResizer);
    expect(() => registry.names()).toThrow(
      'AnotherResizer (in TeamModule) claims the name "resize-image", which ResizeImage (in TeamModule) has already.',
    );
  });

  it('refuses a handler that is made anew for each request', async () => {
    const registry = await registryWith(PerRequest);
    expect(() => registry.names()).toThrow('PerRequest (in TeamModule) has a request or transient scope');
  });

  it('leaves other providers alone', async () => {
    expect(
      (await registryWith({ provide: 'null', useValue: null }, { provide: 'text', useValue: 'x' })).names(),
    ).toEqual([]);
  });
});

describe('HandlerCatalogue', () => {
  const catalogue = async (): Promise<HandlerCatalogue> => new HandlerCatalogue(await registryWith(ResizeImage));

  it("checks the payload class, then the handler's own rules", async () => {
    const handlers = await catalogue();
    expect(await handlers.validate('resize-image', { width: 10 })).toEqual([]);
    expect(await handlers.validate('resize-image', { width: 101 })).toEqual([
      { pointer: '/width', detail: 'At most 100.' },
    ]);
    expect(await handlers.validate('resize-image', { width: 'x', depth: 1 })).toEqual(
      expect.arrayContaining([
        { pointer: '/depth', detail: expect.stringContaining('known: width, height') },
        { pointer: '/width', detail: expect.stringContaining('whole number') },
      ]),
    );
  });

  it('lists the names, and knows no other', async () => {
    const handlers = await catalogue();
    expect(handlers.names()).toEqual(['resize-image']);
    expect(await handlers.validate('constructor', {})).toEqual([
      { pointer: '', detail: 'There is no handler "constructor".' },
    ]);
  });
});
