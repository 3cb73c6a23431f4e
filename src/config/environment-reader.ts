import { isIP } from 'node:net';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting that is wrong, in one error: the boot stops and nobody mends them one by one. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Reads typed values from the environment and collects what is wrong with them. An empty value counts as not set. */
export class EnvironmentReader {
  readonly problems: string[] = [];
  /** Names that somebody has asked for. */
  readonly asked = new Set<string>();

  constructor(private readonly environment: Environment) {}

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  text(name: string, fallback: string): string {
    return this.raw(name) ?? fallback;
  }

  optionalText(name: string): string | undefined {
    return this.raw(name);
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const raw = this.raw(name);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (/^-?\d+$/.test(raw) && value >= range.min && value <= range.max) return value;
    this.problems.push(`${name} is "${raw}"; it must be a whole number from ${range.min} to ${range.max}.`);
    return fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    const raw = this.raw(name)?.toLowerCase();
    if (raw === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(raw)) return true;
    if (['false', '0', 'no', 'off'].includes(raw)) return false;
    this.problems.push(`${name} is "${raw}"; it must be true or false.`);
    return fallback;
  }

  oneOf<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const raw = this.raw(name);
    if (raw === undefined) return fallback;
    const value = allowed.find((one) => one === raw);
    if (value !== undefined) return value;
    this.problems.push(`${name} is "${raw}"; it must be one of ${allowed.join(', ')}.`);
    return fallback;
  }

  /** A comma-separated list, each element one of `allowed`. */
  someOf<T extends string>(name: string, fallback: readonly T[], allowed: readonly T[]): readonly T[] {
    const raw = this.raw(name);
    if (raw === undefined) return fallback;
    const values = raw.split(',').map((part) => part.trim());
    const known = allowed.filter((one) => values.includes(one));
    if (values.every((value) => known.includes(value as T))) return known;
    this.problems.push(`${name} is "${raw}"; it must be a comma-separated list of ${allowed.join(', ')}.`);
    return fallback;
  }

  /** A comma-separated list of addresses and networks; each is answered as a network in CIDR notation. */
  networks(name: string): readonly string[] {
    const parts = (this.raw(name) ?? '').split(',').map((part) => part.trim());
    return parts.filter(Boolean).map((part) => {
      const [address = '', bits, ...more] = part.split('/');
      const widest = isIP(address) === 6 ? 128 : 32;
      const isWidth = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest);
      if (isIP(address) === 0 || !isWidth || more.length > 0)
        this.problems.push(`${name} names "${part}"; it must be an address or a network such as 10.0.0.0/8.`);
      return `${address}/${bits ?? widest}`;
    });
  }

  /** A duration as jsonwebtoken writes it: whole seconds, or a number with s, m, h or d. Answers seconds. */
  seconds(name: string, fallback: number): number {
    const raw = this.raw(name);
    if (raw === undefined) return fallback;
    const match = /^(\d+)\s*([smhd]?)$/.exec(raw);
    const unit = { s: 1, m: 60, h: 3_600, d: 86_400 }[match?.[2] || 's'] ?? 1;
    const value = Number(match?.[1] ?? 0) * unit;
    if (value >= 1) return value;
    this.problems.push(`${name} is "${raw}"; it must be a duration such as 900, 15m, 12h or 7d.`);
    return fallback;
  }

  refuse(problem: string): void {
    this.problems.push(problem);
  }

  private raw(name: string): string | undefined {
    this.asked.add(name);
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }
}
