const paths = {
  operations: 'M3 12h4l3-8 4 16 3-8h4',
  killmails: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
  falcon: 'M4 5h16v11H9l-5 4V5Z',
  spywatcher:
    'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  raffle: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  vmax: 'M3 8h15v8H3zM18 10.5h3v3h-3M6.5 11v2M10.5 11v2M14.5 11v2',
  close: 'M6 6l12 12M18 6L6 18',
  frames: 'M7 4v16M3.5 8L7 4l3.5 4M17 20V4M13.5 16l3.5 4 3.5-4',
  publish: 'M4 12l16-8-5 16-3.5-6.5L4 12Z',
  cut: 'M5 5l14 14M8 8a2.8 2.8 0 1 1-4-4 2.8 2.8 0 0 1 4 4ZM8 16a2.8 2.8 0 1 0-4 4 2.8 2.8 0 0 0 4-4ZM19 5l-7 7',
  restore: 'M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5l12 7-12 7V5Z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  theme: 'M12 3a9 9 0 1 0 0 18V3Z',
  help: 'M9 9a3 3 0 1 1 4.5 2.600c-1 .6-1.5 1.200-1.5 2.400M12 17.5v.5',
  plus: 'M12 5v14M5 12h14',
} as const;

export type IconName = keyof typeof paths;

/** Drawn in lines of the text's colour; what it means is said in words beside it or in the button's label. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
