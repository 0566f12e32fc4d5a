/** The `message` of a `connect_error`: clients compare these, so they are part of the protocol. */
export const connectErrors = {
  authenticationRequired: 'Authentication required',
  invalidToken: 'Invalid token',
  tooManyConnections: 'Too many connections',
} as const;

/** The `message` of an `error` event, and of a refused acknowledgement. */
export const errorTexts = {
  invalidGuildId: 'Invalid guild ID',
  notAuthorized: 'Not authorized for this guild',
  tokenExpired: 'Token expired',
  tooManyGuilds: (max: number) => `Too many guilds (max: ${max})`,
  tooManyEvents: (max: number) => `Too many events (max: ${max} per second)`,
  unavailable: 'The subscription is not possible at the moment',
} as const;
