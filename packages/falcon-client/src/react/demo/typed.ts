/** The text of an input that has changed. React's types know it only where a browser's globals are the program's. */
export function typed({ target }: { readonly target: object }): string {
  return String(Reflect.get(target, 'value'));
}
