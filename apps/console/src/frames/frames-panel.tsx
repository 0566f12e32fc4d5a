import { memo, useEffect, useMemo, useState } from 'react';
import { usePulse } from '../live/use-pulse.js';
import { Icon } from '../ui/icon.js';
import { bytes } from '../ui/numbers.js';
import { Windowed } from '../ui/windowed.js';
import type { Frame, FrameLog } from './frame-log.js';
import { clockTime, directionNames, framesAsText, prettyFrame } from './frame-text.js';

const rowHeightPx = 26;
const copiedForMs = 2000;

interface FramesPanelProps {
  readonly log: FrameLog;
  /** Whose frames. */
  readonly name: string;
  readonly onClose: () => void;
}

/** What goes over the connection, as it is. */
export function FramesPanel({ log, name, onClose }: FramesPanelProps) {
  const version = usePulse(log.pulse);
  const [filter, setFilter] = useState('');
  const [held, setHeld] = useState<readonly Frame[]>();
  const [chosen, setChosen] = useState<Frame>();
  const live = useMemo(() => (held ? held : [...log.frames]), [log, held, version]);
  const frames = useMemo(() => matching(live, filter), [live, filter]);
  return (
    <section className="frames" aria-label={`Raw frames of ${name}`}>
      <header className="frames-head">
        <h2>Raw frames</h2>
        <input
          type="search"
          aria-label="Show only frames that contain"
          placeholder="Filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <button
          type="button"
          className="button"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held ? undefined : [...log.frames])}
        >
          <Icon name={held ? 'play' : 'pause'} />
          <span className="button-label">{held ? 'Go on' : 'Pause'}</span>
        </button>
        <CopyButton text={() => framesAsText(frames)} />
        <button type="button" className="icon-button" aria-label="Hide the frames" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="frames-body">
        <Windowed
          label="Frames, newest first"
          count={frames.length}
          total={filter === '' && !held ? log.frames.total : undefined}
          rowHeight={rowHeightPx}
          empty={filter === '' ? 'Nothing has gone by yet.' : 'No frame contains this.'}
          keyOf={(index) => frames[index]?.number ?? index}
        >
          {(index) => {
            const frame = frames[index];
            return frame && <Row frame={frame} isChosen={frame === chosen} onChoose={setChosen} />;
          }}
        </Windowed>
        {chosen && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          <section className="frame-detail" tabIndex={0} aria-label="The chosen frame">
            <pre>
              {prettyFrame(chosen.text)}
              {chosen.size > chosen.text.length ? `\n… ${chosen.size} in all` : ''}
            </pre>
          </section>
        )}
      </div>
    </section>
  );
}

interface RowProps {
  readonly frame: Frame;
  readonly isChosen: boolean;
  readonly onChoose: (frame: Frame | undefined) => void;
}

const arrows = { in: '↓', out: '↑', note: '·' } as const;
const shownLetters = 300;

const Row = memo(function Row({ frame, isChosen, onChoose }: RowProps) {
  const { at, direction, text, size } = frame;
  return (
    <button
      type="button"
      className="frame"
      data-direction={direction}
      aria-pressed={isChosen}
      onClick={() => onChoose(isChosen ? undefined : frame)}
    >
      <time>{clockTime(at)}</time>
      <span className="frame-arrow" title={directionNames[direction]}>
        <span aria-hidden="true">{arrows[direction]}</span>
        <span className="visually-hidden">{directionNames[direction]}</span>
      </span>
      <span className="frame-size">{direction === 'note' ? '' : bytes(size)}</span>
      <span className="frame-text">{text.slice(0, shownLetters)}</span>
    </button>
  );
});

function CopyButton({ text }: { text: () => string }) {
  const [word, setWord] = useState('Copy');
  useEffect(() => {
    if (word === 'Copy') return;
    const timer = setTimeout(() => setWord('Copy'), copiedForMs);
    return () => clearTimeout(timer);
  }, [word]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setWord('Copied');
    } catch {
      setWord('Not allowed'); // By the person or, where there is no clipboard at all, by plain http.
    }
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      <Icon name="copy" />
      <span className="button-label" aria-live="polite">
        {word}
      </span>
    </button>
  );
}

function matching(frames: readonly Frame[], filter: string): readonly Frame[] {
  const wanted = filter.trim().toLowerCase();
  return wanted === '' ? frames : frames.filter(({ text }) => text.toLowerCase().includes(wanted));
}
