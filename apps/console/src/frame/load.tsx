import { useState } from 'react';
import type { Line } from '../connection/line.js';
import type { Template } from '../services/desk.js';
import { publish } from '../services/publish.js';

const eventsPerSecond = 500;
const seconds = 10;
const batchesPerSecond = 10;

/** Publishes many events for a while. Closing the dialog leaves it running: the view behind it is what to look at. */
export function Load({ line, template }: { line: Line; template: Template }) {
  const [sent, setSent] = useState<number>();
  const run = () => {
    setSent(0);
    void burst(line, template, setSent);
  };
  const total = eventsPerSecond * seconds;
  const isRunning = sent !== undefined && sent < total;
  return (
    <button type="button" className="button" onClick={run} disabled={isRunning}>
      {isRunning ? `${sent} of ${total} sent` : `${eventsPerSecond} a second for ${seconds} s`}
    </button>
  );
}

/** Stops at the first refusal. */
async function burst(line: Line, template: Template, onSent: (count: number) => void): Promise<void> {
  const size = eventsPerSecond / batchesPerSecond;
  const start = performance.now();
  for (let batch = 0; batch < batchesPerSecond * seconds; batch++) {
    const events = Array.from({ length: size }, (_, index) => template.make(batch * size + index));
    const result = await publish(line.httpBase, line.access.publishToken, events);
    if (!result.ok) {
      line.say(result.error);
      onSent(eventsPerSecond * seconds);
      return;
    }
    onSent((batch + 1) * size);
    const due = start + ((batch + 1) * 1000) / batchesPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
}
