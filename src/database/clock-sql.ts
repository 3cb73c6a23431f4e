/**
 * SQL of the database's clock, read once for the statement. A bare `clock_timestamp()` is volatile: PostgreSQL asks it anew
 * for every row and cannot use it as the bound of an index scan.
 */
export const databaseNow = '(SELECT clock_timestamp())';
