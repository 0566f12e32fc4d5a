/** What a token is wanted for. */
export interface TokenRequest {
  /** The server did not take the last one, or no longer: the same would be refused again. */
  readonly refresh: boolean;
}

/**
 * A token, or where to get it: a function is called anew for each attempt to connect. One that throws
 * `CredentialsRefusedError` ends the connection for good; after any other error it is asked again.
 */
export type TokenProvider = string | ((request: TokenRequest) => string | Promise<string>);
