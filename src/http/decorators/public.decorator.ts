import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const publicRoute = 'punctual:public';

/** Extension by which the OpenAPI document knows a public operation; removed before it is shown. */
export const publicExtension = 'x-public';

/** Opens a route, or all of a controller, to callers without a token. Every other route declares its `@Access()`. */
export const Public = () => applyDecorators(SetMetadata(publicRoute, true), ApiExtension(publicExtension, true));
