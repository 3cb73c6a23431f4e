import { SetMetadata } from '@nestjs/common';

/** Routes that prove or make an identity: they are limited by the caller's address, and a login by its account too. */
export type IdentityRoute = 'login' | 'registration';

export const limitedRoute = 'punctual:limited';

/** Limits a route by address and account, before anything is hashed. Document its 429. */
export const Limited = (kind: IdentityRoute) => SetMetadata(limitedRoute, kind);
