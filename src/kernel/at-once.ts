/** Runs a generator to its end without a pause at its `yield`s. Work that must let other requests run uses `Slices.through`. */
export function atOnce<T>(pieces: Generator<void, T>): T {
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}
