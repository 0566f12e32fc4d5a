// The package has no types of its own, and those of others bring a browser's globals to all code.
declare module 'jsdom' {
  export class JSDOM {
    constructor(html: string);
    readonly window: {
      readonly document: { readonly body: { append(child: unknown): void }; createElement(tag: string): HostElement };
      readonly navigator: object;
    };
  }
  export interface HostElement {
    textContent: string;
    remove(): void;
  }
}
