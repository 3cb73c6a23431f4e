/**
 * @param {import('../../subject.d.ts').Services['postgres']} postgres
 * @returns {Promise<import('pg').Client>} a connection beside the ones that are measured
 */
export async function connectTo({ url }) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the query under way reports it
  await client.connect();
  return client;
}
