/**
 * Those who wait, by whom they wait for: a path such as kind, address, account. Each level goes round its branches, so that a branch gets as
 * many turns as the one beside it, however many wait in either (round robin, level by level).
 */
export class FairLine<T> {
  /** In the order of their turns: a map keeps that of insertion. */
  private readonly branches = new Map<string, FairLine<T>>();
  private readonly line: T[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How many wait under this path. */
  sizeOf([key, ...rest]: readonly string[]): number {
    return key === undefined ? this.count : (this.branches.get(key)?.sizeOf(rest) ?? 0);
  }

  /** @param path each item waits at the end of a path, and no path goes on below another's end */
  add([key, ...rest]: readonly string[], item: T): void {
    this.count += 1;
    if (key === undefined) this.line.push(item);
    else this.branchOf(key).add(rest, item);
  }

  /** Takes out whose turn it is; the branch it came from has its next turn after all others. */
  takeNext(): T | undefined {
    const [turn] = this.branches;
    if (!turn) return this.taken(this.line.shift());
    const [key, branch] = turn;
    const item = branch.takeNext();
    this.branches.delete(key);
    if (branch.size > 0) this.branches.set(key, branch);
    return this.taken(item);
  }

  /** Takes out who came last of the longest branch; of equal ones, the one whose turn is furthest away. */
  takeFromLongest(): T | undefined {
    let longest: [key: string, branch: FairLine<T>] | undefined;
    for (const entry of this.branches) if (entry[1].size >= (longest?.[1].size ?? 0)) longest = entry;
    if (!longest) return this.taken(this.line.pop());
    const [key, branch] = longest;
    const item = branch.takeFromLongest();
    if (branch.size === 0) this.branches.delete(key);
    return this.taken(item);
  }

  private taken(item: T | undefined): T | undefined {
    if (item !== undefined) this.count -= 1;
    return item;
  }

  private branchOf(key: string): FairLine<T> {
    const known = this.branches.get(key);
    if (known) return known;
    const made = new FairLine<T>();
    this.branches.set(key, made);
    return made;
  }
}
