import { catalogue } from '../services/catalogue.js';
import type { Station } from '../services/station.js';

/** Signs in as another of the demonstration's people. Not there where the service is none. */
export function RoleSelect({ station }: { station: Station }) {
  const { line } = station;
  const { identities } = line.view;
  const { access } = line;
  if (identities.length === 0) return undefined;
  const signIn = (identity: string) =>
    station.connect({ ...access, identity, token: identity === '' ? access.token : '' });
  const without = access.token === '' ? catalogue[station.name].withoutToken : 'A token of mine';
  return (
    <select
      className="role"
      aria-label="Signed in as"
      value={access.identity}
      onChange={(event) => signIn(event.target.value)}
    >
      <option value="">{without}</option>
      {identities.map(({ id, label }) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </select>
  );
}
