/**
 * SQL of the database's clock, read once for the statement. A bare `clock_timestamp()` is volatile: PostgreSQL asks it anew
 * for every row and cannot use it as the bound of an index scan.
 */
export const databaseNow = '(SELECT clock_timestamp())';

/**
 * SQL: the time `column` is not after `bound`, which is made of {@link databaseNow}. The lower bound keeps nothing out: it is for
 * the planner, which cannot know the clock and takes what lies below one bound for a third of a table. Of a large one it has
 * parallel workers read that, and starting them takes longer than reading what is there. Between two bounds it expects one
 * row in 200.
 */
export const notAfter = (column: string, bound: string): string => `${column} BETWEEN '-infinity' AND ${bound}`;
