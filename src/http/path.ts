/** The path of a request target, without its query, which may hold what must not be shown or logged. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;
