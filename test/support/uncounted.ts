import { Global, Module } from '@nestjs/common';
import { IHandlerMetrics } from '../../src/handlers/interfaces/handler-metrics.js';

const nothing = (): void => undefined;

/** Counts nothing of handlers. */
export const uncounted: IHandlerMetrics = { called: nothing, abandoned: nothing, abandonedEnded: nothing };

/** For programs of handlers alone, without the metrics of the product. */
@Global()
@Module({ providers: [{ provide: IHandlerMetrics, useValue: uncounted }], exports: [IHandlerMetrics] })
export class Uncounted {}
