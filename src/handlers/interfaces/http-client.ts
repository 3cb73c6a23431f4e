export interface HttpRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the whole exchange, the reading of the answer included. */
  signal: AbortSignal;
  /** Bytes of the answer's body that are read, after decompression. */
  bodyLimitBytes: number;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case; values of one name joined by ", ". */
  headers: Record<string, string>;
  body: string;
  /** Whether the body went on after the limit. */
  bodyTruncated: boolean;
}

export interface IHttpClient {
  /**
   * Sends one request to a target that users chose. Connects only to addresses that the policy allows, and refuses others
   * before a byte is sent. Follows no redirect, reads no proxy settings.
   * @throws NonRetryableError when the target is refused
   * @throws the signal's reason when it aborts; any other error is the network's or the target's
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}
export const IHttpClient = Symbol('IHttpClient');
