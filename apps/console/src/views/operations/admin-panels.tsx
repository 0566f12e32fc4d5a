import { useEffect, useState } from 'react';
import { useSeconds } from '../../live/seconds.js';
import { type AdminAnswer, askAdmin, disconnect } from '../../services/admin.js';
import { catalogue } from '../../services/catalogue.js';
import type { ServiceName } from '../../services/names.js';
import type { Stations } from '../../services/stations.js';
import { bytes, count, duration } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { Windowed } from '../../ui/windowed.js';

const intervalMs = 3000;
const rowHeightPx = 40;

/** Who is connected to a service and which rooms there are, from its admin API. */
export function AdminPanels({ stations, name }: { stations: Stations; name: ServiceName }) {
  const { answer, askAgain } = useAdmin(stations, name);
  const now = useSeconds();
  const line = stations.get(name)?.line;
  const { title } = catalogue[name];
  const empty = answer === undefined ? 'Asking …' : answer.ok ? 'Nobody is connected.' : answer.error;
  const sessions = answer?.ok ? answer.sessions : [];
  const rooms = answer?.ok ? answer.rooms : [];
  const end = async (id: string) => {
    if (line) await disconnect(line.httpBase, line.access.adminToken, id);
    askAgain();
  };
  return (
    <>
      <Panel
        className="sessions"
        title={`${title}: sessions`}
        aside={answer?.ok && <span className="figure">{count(answer.sessionsInAll)}</span>}
      >
        <Windowed
          label={`Sessions of ${title}`}
          count={sessions.length}
          rowHeight={rowHeightPx}
          empty={empty}
          keyOf={(index) => sessions[index]?.id ?? index}
        >
          {(index) => {
            const session = sessions[index];
            if (!session) return undefined;
            return (
              <div className="session">
                <span className="session-who" title={session.id}>
                  {session.identity ?? 'nobody'}
                </span>
                <span className="session-rooms" title={session.rooms.join(', ')}>
                  {session.rooms.join(', ') || 'in no room'}
                </span>
                <span className="figure">{bytes(session.queued_bytes)}</span>
                <span className="figure">{duration(now - Date.parse(session.connected_at))}</span>
                <button
                  type="button"
                  className="button is-small"
                  onClick={() => void end(session.id)}
                  aria-label={`Disconnect ${session.identity ?? session.id}`}
                >
                  End
                </button>
              </div>
            );
          }}
        </Windowed>
      </Panel>
      <Panel
        className="rooms"
        title={`${title}: rooms`}
        aside={answer?.ok && <span className="figure">{count(answer.roomsInAll)}</span>}
      >
        <Windowed
          label={`Rooms of ${title}`}
          count={rooms.length}
          rowHeight={rowHeightPx}
          empty={answer?.ok ? 'There are no rooms.' : empty}
          keyOf={(index) => rooms[index]?.id ?? index}
        >
          {(index) => (
            <div className="room">
              <span className="room-id">{rooms[index]?.id}</span>
              <span className="figure">{count(rooms[index]?.members ?? 0)}</span>
            </div>
          )}
        </Windowed>
      </Panel>
    </>
  );
}

/** Asks again and again while the panels are shown, and of another service from the start. */
function useAdmin(stations: Stations, name: ServiceName) {
  const [state, setState] = useState<{ name: ServiceName; answer: AdminAnswer }>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isOver = false;
    const ask = async () => {
      const line = stations.get(name)?.line;
      if (!line || line.httpBase === '') return;
      const answer = await askAdmin(line.httpBase, line.access.adminToken);
      if (!answer.ok) await stations.refreshTokens();
      if (!isOver) setState({ name, answer });
    };
    void ask();
    const timer = setInterval(() => void ask(), intervalMs);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [stations, name, round]);
  return { answer: state?.name === name ? state.answer : undefined, askAgain: () => setRound((before) => before + 1) };
}
