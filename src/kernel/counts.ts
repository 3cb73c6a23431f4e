/** One count for each name. A name whose count is 0 takes no memory. */
export class Counts {
  private readonly byName = new Map<string, number>();
  private sum = 0;

  add(name: string, count = 1): void {
    const sum = this.of(name) + count;
    if (sum === 0) this.byName.delete(name);
    else this.byName.set(name, sum);
    this.sum += count;
  }

  take(name: string, count = 1): void {
    this.add(name, -count);
  }

  of(name: string): number {
    return this.byName.get(name) ?? 0;
  }

  get total(): number {
    return this.sum;
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }
}
