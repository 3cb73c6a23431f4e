export interface HttpRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the whole exchange, the reading of the answer included. */
  signal: AbortSignal;
  /** Bytes of the answer's body that are read, after decompression. */
  bodyLimitBytes: number;
  /** When a body that has not ended is left as it is. */
  bodyWithin?: {
    /** How long from now, in ms. Asked once the head has arrived. */
    ms(this: void): number;
    /** Why, as a note. */
    late(this: void): Error;
  };
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case; values of one name joined by ", ". */
  headers: Record<string, string>;
  body: string;
  /** Whether the body went on after the limit. */
  bodyTruncated: boolean;
  /** Why the body is not complete, or not unpacked, in one sentence; undefined where `bodyTruncated` says it, too. */
  bodyError?: string;
}

export interface IHttpClient {
  /**
   * Sends one request to a target that users chose. Connects only to addresses that the policy allows, and refuses others
   * before a byte is sent. Follows no redirect, reads no proxy settings. A final status that has arrived is answered, whatever
   * becomes of the head behind it and of the body: what of them could be read is kept.
   * @throws NonRetryableError when the target is refused
   * @throws the signal's reason when it aborts before a status; any other error is the network's or the target's
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}
export const IHttpClient = Symbol('IHttpClient');
