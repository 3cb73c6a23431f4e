const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/**
 * JSON with sorted keys: equal values give equal text, whatever order their members came in.
 * @param hides keys at any depth whose values are left out of the text
 */
export const canonical = (value: unknown, hides: (key: string) => boolean = () => false): string =>
  JSON.stringify(value, (key, inner: unknown) => (hides(key) ? '[hidden]' : sorted(inner)));
