import type { ReactNode } from 'react';

export function ViewHeader({ title, about, children }: { title: string; about: string; children?: ReactNode }) {
  return (
    <header className="view-header">
      <h1>{title}</h1>
      <p className="view-about">{about}</p>
      {children}
    </header>
  );
}
