/**
 * A module of the product as it was built. Named by text, so that types can be checked without a build: say with
 * `typeof import('../src/…')` what it is.
 *
 * @param {string} path beneath `dist`, `config/config.js`
 * @returns {Promise<any>}
 */
export const compiled = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
