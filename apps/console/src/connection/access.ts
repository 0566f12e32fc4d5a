/** Where a service is and what opens it. Empty texts stand for nothing. */
export interface Access {
  readonly url: string;
  readonly token: string;
  /** A demo identity to sign in as, instead of a token. */
  readonly identity: string;
  readonly publishToken: string;
  readonly adminToken: string;
  /** For servers whose `/metrics` is not open to everybody. */
  readonly metricsToken: string;
}

export const noAccess: Access = {
  url: '',
  token: '',
  identity: '',
  publishToken: '',
  adminToken: '',
  metricsToken: '',
};

/** What must not be shown. */
export function secretsOf({ token, publishToken, adminToken, metricsToken }: Access): readonly string[] {
  return [token, publishToken, adminToken, metricsToken].filter((secret) => secret !== '');
}
