import { SetMetadata } from '@nestjs/common';

/** Routes that make an identity: they are limited by the caller's address. Those that prove one are limited where passwords are compared. */
export type IdentityRoute = 'registration';

export const limitedRoute = 'punctual:limited';

/** Limits a route by address, before anything is hashed. Document its 429. */
export const Limited = (kind: IdentityRoute) => SetMetadata(limitedRoute, kind);
