/** Does in one go what pauses with `yield` between its pieces. Where others wait meanwhile, see `Slices.through`. */
export function atOnce<T>(pieces: Generator<void, T>): T {
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}
