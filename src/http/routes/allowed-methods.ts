/** Remembers the routes of the server, to tell an unknown address from one that merely does not take a method. */
export class AllowedMethods {
  private readonly routes: { path: RegExp; methods: readonly string[] }[] = [];

  /** @param pattern as Fastify writes it: `/jobs/:id`, `/api/*` */
  add(pattern: string, methods: readonly string[]): void {
    const path = pattern
      .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*');
    if (pattern !== '*') this.routes.push({ path: new RegExp(`^${path}$`), methods });
  }

  /** Methods that `path` takes, sorted; none when there is nothing at it. */
  of(path: string): string[] {
    const found = this.routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods);
    return [...new Set(found)].sort();
  }
}
