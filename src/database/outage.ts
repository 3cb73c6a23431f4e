import pg from 'pg';

/** SQLSTATE read_only_sql_transaction: the server has become a standby, or takes no writes for another reason. */
export const readOnlyState = '25006';

/**
 * SQLSTATE of what ends a session, or says that its server is going: 08 connection exceptions, 57P operator intervention, and the limits
 * of idle transactions and of whole ones. Told by the code, for the severity is said in the server's language.
 */
const endingState = /^(08...|57P..|25P03|25P04)$/;

/** Whether the connection is of no more use; what is not PostgreSQL's word is the connection's own end. */
export const endsConnection = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) ||
  error.code === undefined ||
  error.code === readOnlyState ||
  endingState.test(error.code);
