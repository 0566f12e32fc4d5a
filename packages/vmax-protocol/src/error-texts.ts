/** The `message` of an `ERROR`: clients show it and may compare it, so the texts are part of the protocol. */
export const errorTexts = {
  authenticationRequired: 'Authentication required',
  invalidToken: 'Invalid or expired token',
  invalidFormat: 'Invalid message format',
  unknownType: (type: string) => `Unknown message type: ${type}`,
  forbiddenFleet: 'Not authorized to subscribe to this fleet',
  forbiddenRegulator: 'Not authorized to subscribe to this regulator',
  invalidField: (field: string, expected: string, got: string) => `Invalid ${field}: expected ${expected}, got ${got}`,
  tooManySubscriptions: (max: number) => `Too many subscriptions (max: ${max})`,
} as const;
