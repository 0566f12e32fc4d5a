import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { killmail, type Names, parseKillmail, toKillmail } from '../src/index.js';
import { fixture, realKillmail, realKillmails } from './support/data.js';

const names: Names = {
  character: (id) => `character ${id}`,
  corporation: (id) => `corporation ${id}`,
  alliance: (id) => `alliance ${id}`,
  ship: (id) => `ship ${id}`,
  system: (id) => `system ${id}`,
};

function emitted(input: unknown, known?: Names) {
  const parsed = parseKillmail(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return toKillmail(parsed.value, known);
}

/** As it is read on the other side of the wire. */
const sent = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('an emitted killmail', () => {
  it('carries both names of each doubled field', () => {
    for (const real of realKillmails) {
      const kill = sent(emitted(real, names));
      expect(kill.kill_time).toBe(real.killmail.killmail_time);
      expect(kill.killmail_time).toBe(kill.kill_time);
      expect(kill.system_id).toBe(real.killmail.solar_system_id);
      expect(kill.solar_system_id).toBe(kill.system_id);
      for (const party of [kill.victim, ...kill.attackers]) expect(party.ship_name).toBe(party.ship_type_name);
      expect(kill.victim.ship_name).toBe(`ship ${kill.victim.ship_type_id}`);
      expect(kill.attacker_count).toBe(kill.attackers.length);
      if (real.zkb) {
        expect(kill.zkb).toMatchObject(real.zkb);
        expect(kill.zkb.total_value).toBe(real.zkb.totalValue);
        expect(kill.zkb.fitted_value).toBe(real.zkb.fittedValue);
        expect(kill.zkb.location_id).toBe(real.zkb.locationID);
      } else {
        expect(kill).not.toHaveProperty('zkb');
      }
    }
  });

  it('loses no field of a real one', () => {
    for (const real of realKillmails) expect(sent(emitted(real))).toMatchObject(real.killmail);
  });

  it('has names of whom it names, and only of them', () => {
    const kill = sent(emitted(realKillmail(36087121), names));
    expect(kill.victim).not.toHaveProperty('character_name');
    expect(kill.victim.corporation_name).toBe(`corporation ${kill.victim.corporation_id}`);
    expect(kill.solar_system_name).toBe(`system ${kill.system_id}`);
  });

  it('prefers the names that came with it', () => {
    const { killmails } = fixture('killmail-update') as { killmails: unknown[] };
    const kill = emitted(killmails[0], names);
    expect(kill.victim).toMatchObject({ character_name: 'Player Name', ship_type_name: 'Rifter', ship_name: 'Rifter' });
    expect(kill.attackers[0]?.ship_name).toBe('ship 11176');
  });

  it('has no nulls', () => {
    const { killmails } = fixture('original-killmail-update') as { killmails: unknown[] };
    const kill = emitted(killmails[0]);
    expect(JSON.stringify(kill)).not.toContain('null');
    expect(sent(kill)).toMatchObject({
      killmail_time: '2025-06-20T08:15:30Z',
      solar_system_id: 30000142,
      victim: { ship_type_name: 'Capsule' },
      zkb: { totalValue: 10_000, locationID: 50001248 },
    });
  });

  it("takes the feed's hash where the figures have none", () => {
    const { killmail, zkb } = realKillmail(2645807);
    const { hash, ...figures } = zkb ?? {};
    const r2z2 = { killmail_id: killmail.killmail_id, hash: 'feed', esi: killmail };
    expect(emitted({ ...r2z2, zkb: figures }).zkb?.hash).toBe('feed');
    expect(emitted({ ...r2z2, zkb }).zkb?.hash).toBe(hash);
    expect(emitted(r2z2).zkb).toEqual({ hash: 'feed' });
  });

  it('is a killmail by the published schema, whatever was parsed', () => {
    const text = fc.option(fc.string());
    const id = fc.option(fc.integer());
    const party = fc.record(
      { character_id: id, character_name: text, ship_type_id: id, ship_type_name: text, ship_name: text },
      { requiredKeys: [] },
    );
    const input = fc
      .record(
        {
          killmail_id: fc.integer({ min: 1 }),
          killmail_time: fc.constant('2024-01-15T12:30:45Z'),
          kill_time: fc.constant('2024-01-15T12:30:46Z'),
          solar_system_id: fc.integer({ min: 1 }),
          system_id: fc.integer({ min: 1 }),
          victim: party,
          attackers: fc.array(party),
          zkb: fc.record({ totalValue: fc.option(fc.double()), total_value: fc.option(fc.double()) }),
        },
        { requiredKeys: ['killmail_id', 'victim', 'attackers'] },
      )
      .map(sent);
    fc.assert(
      fc.property(input, (value) => {
        const parsed = parseKillmail(value);
        fc.pre(parsed.ok);
        const kill = toKillmail(parsed.value, names);
        expect(killmail.safeParse(sent(kill)).success).toBe(true);
        expect(kill.kill_time).toBe(kill.killmail_time);
        expect(kill.system_id).toBe(kill.solar_system_id);
        expect(kill.zkb?.totalValue).toBe(kill.zkb?.total_value);
        for (const one of [kill.victim, ...kill.attackers]) expect(one.ship_name).toBe(one.ship_type_name);
      }),
    );
  });

  it('gives every attacker the same shape', () => {
    const kill = emitted(realKillmail(131126432), names);
    const shapes = new Set(kill.attackers.map((attacker) => Object.keys(attacker).join()));
    expect(kill.attackers).toHaveLength(3753);
    expect(shapes.size).toBe(1);
  });
});
