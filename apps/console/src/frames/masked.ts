/** Shorter ones would also hide words that happen to be the same. */
const minSecretLength = 6;

/** A text without the secrets in it, as they are or as they stand in a URL: frames are copied into bug reports. */
export function masked(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    if (secret.length < minSecretLength) continue;
    result = result.replaceAll(secret, '•••');
    const inUrl = encodeURIComponent(secret);
    if (inUrl !== secret) result = result.replaceAll(inUrl, '•••');
  }
  return result;
}
