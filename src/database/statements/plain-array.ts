/**
 * PostgreSQL's text form of an array whose elements need no quotes: ids, numbers, booleans and words of our own. The driver
 * would look at each character of each element for what must be escaped.
 */
export function plainArray(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
