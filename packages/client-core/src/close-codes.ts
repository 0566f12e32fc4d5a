/** WebSocket close codes, by what they mean. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  missingExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
} as const;

/**
 * Whether to come back after a close that the client did not ask for. Nearly always: servers and proxies close with 1000
 * and with 1002 after silence. Only what the client sends or demands in its handshake would fail the same way again.
 */
export function shouldReconnect(code: number): boolean {
  return (
    code !== closeCodes.unsupportedData && code !== closeCodes.invalidPayload && code !== closeCodes.missingExtension
  );
}

/** A close code in words, for messages. */
export function describeClose(code: number): string {
  const name = Object.entries(closeCodes).find(([, value]) => value === code)?.[0];
  return name === undefined
    ? String(code)
    : `${code} (${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)})`;
}
