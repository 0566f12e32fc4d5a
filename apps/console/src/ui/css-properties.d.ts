import 'react';

declare module 'react' {
  interface CSSProperties {
    /** The page's own custom properties. */
    [property: `--${string}`]: string | number | undefined;
  }
}
