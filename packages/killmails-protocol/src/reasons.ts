/** The texts of error replies (`{reason}`): clients match on them, so they are part of the protocol. */
export const reasons = {
  tooManySystems: (max: number) => `Too many systems (max: ${max})`,
  invalidSystems: 'Invalid system IDs',
  systemsNotIntegers: 'System IDs must be integers',
  tooManyCharacters: (max: number) => `Too many characters (max: ${max})`,
  invalidCharacters: 'Invalid character IDs',
  charactersNotIntegers: 'Character IDs must be integers',
  invalidPreload: 'Invalid preload options',
  invalidPayload: 'Payload must be an object',
  unknownEvent: 'Unknown event',
  unmatchedTopic: 'unmatched topic',
} as const;

/** The `message` of an ok reply that changed nothing. */
export const unchanged = {
  alreadySubscribedSystems: 'Already subscribed to all requested systems',
  notSubscribedSystems: 'Not subscribed to any of the requested systems',
  alreadySubscribedCharacters: 'Already subscribed to all requested characters',
  notSubscribedCharacters: 'Not subscribed to any of the requested characters',
} as const;
