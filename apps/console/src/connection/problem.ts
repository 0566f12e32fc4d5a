import type { ServiceName } from '../services/names.js';

/** Why there is no connection, or no good one. */
export type Problem =
  | { readonly kind: 'no-url' }
  | { readonly kind: 'bad-url'; readonly expected: string }
  | { readonly kind: 'unreachable'; readonly where: string }
  | { readonly kind: 'insecure' }
  | { readonly kind: 'origin'; readonly where: string; readonly origin: string }
  | { readonly kind: 'other-service'; readonly where: string; readonly found: ServiceName | undefined }
  | { readonly kind: 'token-refused'; readonly hasToken: boolean }
  | { readonly kind: 'token-expired'; readonly at: number | undefined }
  | { readonly kind: 'busy'; readonly where: string }
  | { readonly kind: 'said'; readonly message: string };

type Names = Readonly<Record<ServiceName, { readonly title: string; readonly exampleUrl: string }>>;

/** One sentence: which of these it is, and what to do. */
export function sentenceOf(problem: Problem, names: Names, own: ServiceName): string {
  const { title, exampleUrl } = names[own];
  switch (problem.kind) {
    case 'no-url':
      return `Enter where a ${title} server is, such as ${exampleUrl}, to connect.`;
    case 'bad-url':
      return `That URL cannot be used: ${problem.expected}.`;
    case 'unreachable':
      return `Nothing answers at ${problem.where}: start the server there, or correct the URL.`;
    case 'insecure':
      return 'This page came over https, so the browser refuses plain ws: use a wss URL, or open the page over http.';
    case 'origin':
      return `${problem.where} answers, but not to this page: correct the URL, or add ${problem.origin} to its ALLOWED_ORIGINS.`;
    case 'other-service':
      return problem.found === undefined
        ? `${problem.where} answers, but is no ${title} server: correct the URL.`
        : `${problem.where} is a ${names[problem.found].title} server, not ${title}: correct the URL, or look at it under ${names[problem.found].title}.`;
    case 'token-refused':
      return problem.hasToken
        ? 'The server refused this token: enter another one, or sign in as somebody else.'
        : 'The server wants a token: enter one, or sign in as a demo role.';
    case 'token-expired':
      return `The token expired${problem.at === undefined ? '' : ` on ${new Date(problem.at).toLocaleString()}`}: enter a new one, or sign in again.`;
    case 'busy':
      return `${problem.where} is up but takes no connection now: it may be full or restarting, so wait a moment.`;
    case 'said':
      return problem.message;
  }
}
