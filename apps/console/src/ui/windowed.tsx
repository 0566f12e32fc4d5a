import { type ReactNode, useCallback, useLayoutEffect, useRef, useState } from 'react';

interface WindowedProps {
  readonly label: string;
  readonly count: number;
  /** In pixels: all rows are as high as this. */
  readonly rowHeight: number;
  /** For lists whose newest comes first: how many there ever were. A reader further down then keeps their place. */
  readonly total?: number;
  /** Shown where there is nothing. */
  readonly empty: ReactNode;
  readonly keyOf: (index: number) => React.Key;
  readonly children: (index: number) => ReactNode;
  readonly className?: string;
}

/** Rows rendered beyond what is seen, so that a quick scroll does not show gaps. */
const overscan = 6;

/** A list of which only the rows that can be seen exist, however many there are. */
export function Windowed({ label, count, rowHeight, total, empty, keyOf, children, className = '' }: WindowedProps) {
  const scroller = useRef<HTMLUListElement>(null);
  const [viewport, setViewport] = useState({ top: 0, height: 0 });
  const look = useCallback(() => {
    const element = scroller.current;
    if (element) setViewport({ top: element.scrollTop, height: element.clientHeight });
  }, []);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [look]);
  const added = useKeptPlace(scroller, rowHeight, total);

  const first = Math.max(0, Math.floor(viewport.top / rowHeight) - overscan);
  const last = Math.min(count, Math.ceil((viewport.top + viewport.height) / rowHeight) + overscan);
  const rows = [];
  for (let index = first; index < last; index++) {
    rows.push(
      <li
        key={keyOf(index)}
        className="windowed-row"
        aria-setsize={count}
        aria-posinset={index + 1}
        style={{ height: rowHeight, transform: `translateY(${index * rowHeight}px)` }}
      >
        {children(index)}
      </li>,
    );
  }
  const isAway = total !== undefined && viewport.top > rowHeight;
  return (
    <div className={`windowed ${className}`}>
      <ul
        className="windowed-scroller"
        ref={scroller}
        onScroll={look}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label={label}
        style={{ '--rows-height': `${count * rowHeight}px` }}
      >
        {rows}
      </ul>
      {count === 0 && <div className="windowed-empty">{empty}</div>}
      {isAway && (
        <button type="button" className="windowed-newest" onClick={() => scroller.current?.scrollTo({ top: 0 })}>
          ↑ {added > 0 ? `${added} newer` : 'Newest'}
        </button>
      )}
    </div>
  );
}

/** Moves the view along with what a reader looks at. Gives how many rows came since they scrolled away. */
function useKeptPlace(scroller: { current: HTMLElement | null }, rowHeight: number, total: number | undefined) {
  const seen = useRef(total ?? 0);
  const left = useRef(total ?? 0);
  useLayoutEffect(() => {
    const element = scroller.current;
    const isAway = element !== null && element.scrollTop > 0;
    if (isAway) element.scrollTop += Math.max(0, (total ?? 0) - seen.current) * rowHeight;
    else left.current = total ?? 0;
    seen.current = total ?? 0;
  }, [scroller, rowHeight, total]);
  return (total ?? 0) - left.current;
}
