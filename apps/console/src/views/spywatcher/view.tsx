import type { Line } from '../../connection/line.js';
import { useSeconds } from '../../live/seconds.js';
import { usePulse } from '../../live/use-pulse.js';
import { EventList } from '../../ui/event-list.js';
import { duration } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { Bars } from './bars.js';
import { GuildsPanel } from './guilds-panel.js';
import type { SpywatcherModel } from './model.js';

export function SpywatcherView({ line, model }: { line: Line; model: SpywatcherModel }) {
  const { guilds, feed } = model;
  usePulse(guilds.pulse);
  usePulse(line.pulse);
  const now = useSeconds();
  const { analytics, updatedAt } = guilds.get(model.shown);
  const age = updatedAt === undefined ? 'none yet' : `${duration(now - updatedAt)} ago`;
  return (
    <div className="view spywatcher">
      <GuildsPanel line={line} model={model} />
      <div className="analytics">
        <Bars
          title="Ghosts"
          about="Type much and write little"
          aside={age}
          rows={analytics?.ghosts.map(({ userId, username, ghostScore }) => [userId, username, ghostScore])}
        />
        <Bars
          title="Lurkers"
          about="Come and go, and never say a word"
          aside={age}
          rows={analytics?.lurkers.map(({ userId, username, lurkerScore }) => [userId, username, lurkerScore])}
        />
        <Bars
          title="Channel diversity"
          about="Channels that somebody is active in"
          aside={age}
          rows={analytics?.channelDiversity.map(({ userId, username, channelCount }) => [
            userId,
            username,
            channelCount,
          ])}
        />
      </div>
      <Panel className="spy-feed" title="Events">
        <EventList feed={feed} label="Events of the guilds, newest first" empty="Nothing has happened yet." />
      </Panel>
    </div>
  );
}
