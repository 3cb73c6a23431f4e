import type { Provider } from '@nestjs/common';

/**
 * This deployment's own handlers: add a class that carries `@JobHandler` here, and jobs may name it (docs/handlers.md).
 * A provider of any other module that carries the decorator is found, too.
 */
export const customHandlers: Provider[] = [];
