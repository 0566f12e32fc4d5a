import type { DemoIdentity } from '@roomcast/server';

/** The tokens that the API's document uses in its examples, accepted in demonstrations. */
export const demoTokens = Object.freeze(['test-token', 'your-api-token', 'your-token', 'my-api-token'] as const);

/** Whom a demonstration can be tried as: the holders of these tokens, by the names that the gateway gives them. */
export const demoIdentities: readonly DemoIdentity[] = demoTokens.map((_, index) => ({ id: `token-${index + 1}` }));

/** The token of a demo identity. */
export function demoTokenOf({ id }: DemoIdentity): string {
  return demoTokens[demoIdentities.findIndex((identity) => identity.id === id)] ?? demoTokens[0];
}
