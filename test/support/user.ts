import type { TestApp } from './app.js';

let registered = 0;

/** Somebody with an account, and requests that carry their token. */
export interface TestUser {
  id: string;
  email: string;
  token: string;
  refreshToken: string;
  get(path: string): ReturnType<TestApp['http']['get']>;
  post(path: string, body?: object): ReturnType<TestApp['http']['post']>;
  put(path: string, body: object): ReturnType<TestApp['http']['put']>;
  patch(path: string, body: object): ReturnType<TestApp['http']['patch']>;
  delete(path: string): ReturnType<TestApp['http']['delete']>;
}

export const password = 'correct horse battery';

export async function aUser({ http }: Pick<TestApp, 'http'>): Promise<TestUser> {
  registered += 1;
  const email = `user-${process.pid}-${registered}@example.com`;
  const { body } = await http
    .post('/auth/register')
    .send({ email, password, name: `User ${registered}` })
    .expect(201);
  const token: string = body.access_token;
  const bearer = `Bearer ${token}`;
  return {
    id: body.user.id,
    email,
    token,
    refreshToken: body.refresh_token,
    get: (path) => http.get(path).set('authorization', bearer),
    post: (path, sent) => {
      const request = http.post(path).set('authorization', bearer);
      return sent === undefined ? request : request.send(sent);
    },
    put: (path, sent) => http.put(path).set('authorization', bearer).send(sent),
    patch: (path, sent) => http.patch(path).set('authorization', bearer).send(sent),
    delete: (path) => http.delete(path).set('authorization', bearer),
  };
}

/** Somebody whom the operator has made an admin; their first request finds it so. */
export async function anAdmin(app: Pick<TestApp, 'http' | 'database'>): Promise<TestUser> {
  const user = await aUser(app);
  await app.database.query(`UPDATE users SET role = 'admin' WHERE id = $1`, [user.id]);
  return user;
}
