export { CredentialsError } from '../errors.js';
export { type ApiTokens, type ApiTokensOptions, apiTokens } from './api-tokens.js';
export type { Identity } from './identity.js';
export { type JwtKey, type JwtOptions, type JwtVerifier, jwtVerifier } from './jwt.js';
