import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KillmailForm, type ParsedKillmail, parseKillmail, toKillmail } from '../src/index.js';
import { fixture, type RealKillmail, realKillmail, realKillmails } from './support/data.js';

function accepted(input: unknown): ParsedKillmail {
  const result = parseKillmail(input);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function issuesOf(input: unknown): string[] {
  const result = parseKillmail(input);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path}: ${message}`);
}

const forms: Record<KillmailForm, (real: RealKillmail) => unknown> = {
  esi: ({ killmail }) => killmail,
  documented: ({ killmail, zkb }) => ({ ...killmail, zkb, attacker_count: 1 }),
  paired: (real) => real,
  r2z2: ({ killmail, zkb }) => ({ killmail_id: killmail.killmail_id, hash: 'feed', esi: killmail, zkb }),
};

describe('the forms of a publication', () => {
  it.each(Object.entries(forms))('accepts every real killmail in the %s form, unchanged', (form, write) => {
    expect(realKillmails).toHaveLength(446);
    for (const real of realKillmails) {
      const input = write(real);
      const before = JSON.stringify(input);
      const parsed = accepted(input);
      expect(parsed.form).toBe(form);
      expect(parsed.body.attackers).toBe(
        (form === 'documented' ? (input as typeof parsed.body) : real.killmail).attackers,
      );
      expect(JSON.stringify(input)).toBe(before);
    }
  });

  it('takes back what it emits', () => {
    for (const real of realKillmails) {
      const emitted = JSON.parse(JSON.stringify(toKillmail(accepted(real))));
      expect(JSON.parse(JSON.stringify(toKillmail(accepted(emitted))))).toEqual(emitted);
    }
  });

  it("takes the other servers' form, under their names and with their nulls", () => {
    const { killmails } = fixture('original-killmail-update') as { killmails: unknown[] };
    expect(accepted(killmails[0]).form).toBe('documented');
  });

  it('checks names wherever they come, so that none is emitted unchecked', () => {
    const { killmail } = realKillmail(2645807);
    const [first, ...others] = killmail.attackers as object[];
    for (const field of ['character_name', 'corporation_name', 'corporation_ticker', 'ship_name']) {
      const named = { ...killmail, victim: { ...(killmail.victim as object), [field]: 'x' } };
      expect(accepted(named).form).toBe('documented');
      expect(accepted({ killmail: named }).form).toBe('paired');
      const badVictim = { ...killmail, victim: { ...(killmail.victim as object), [field]: 5 } };
      const badAttacker = { ...killmail, attackers: [...others, { ...first, [field]: 5 }] };
      for (const bad of [badVictim, badAttacker]) {
        expect(issuesOf(bad)).toEqual([expect.stringContaining(`${field}: expected a string, got 5`)]);
        expect(issuesOf({ killmail: bad })).toHaveLength(1);
        expect(issuesOf({ killmail_id: 1, esi: bad })).toHaveLength(1);
      }
    }
  });

  it('takes the name of an attacker as a sign of the document form', () => {
    const { killmail } = realKillmail(131126432);
    const [first, ...others] = killmail.attackers as object[];
    const named = { ...killmail, attackers: [...others, { ...first, character_name: 'Somebody' }] };
    expect(accepted(named).form).toBe('documented');
  });
});

describe('what is wrong with a publication', () => {
  it.each([null, 5, 'x', [], undefined, true])('says that %j is no killmail', (input) => {
    expect(issuesOf(input)).toEqual([expect.stringMatching(/^: expected a killmail object, got /)]);
  });

  it('names each bad field by its path, with what was expected and what came', () => {
    const { killmail } = realKillmail(2645807);
    const [first] = killmail.attackers as object[];
    const broken = {
      ...killmail,
      killmail_id: 0,
      killmail_time: 'yesterday',
      attackers: [first, { ...first, damage_done: 'a lot', final_blow: null }],
    };
    expect(issuesOf({ killmail: broken })).toEqual([
      'killmail.killmail_id: expected more than 0, got 0',
      'killmail.killmail_time: expected an ISO 8601 time with offset, got "yesterday"',
      'killmail.attackers.1.damage_done: expected a number, got "a lot"',
      'killmail.attackers.1.final_blow: expected a boolean, got null',
    ]);
  });

  it('speaks of the form that was meant', () => {
    expect(issuesOf({ killmail_id: 1, esi: {}, zkb: 5 })).toEqual([
      'esi.killmail_id: expected a number, got nothing',
      'esi.victim: expected an object, got nothing',
      'esi.attackers: expected an array, got nothing',
      'zkb: expected an object, got 5',
    ]);
    expect(issuesOf({ killmail: 7 })).toEqual(['killmail: expected a killmail object, got number']);
    const { victim, ...bare } = realKillmail(2645807).killmail;
    expect(issuesOf(bare)).toEqual(['victim: expected an object, got nothing']);
  });

  it('asks for one of the two names of a doubled field', () => {
    expect(issuesOf({ killmail_id: 5, victim: {}, attackers: [], kill_time: null })).toEqual([
      'killmail_time: expected killmail_time or kill_time, got neither',
      'solar_system_id: expected solar_system_id or system_id, got neither',
    ]);
  });

  it('refuses a fraction where an id belongs', () => {
    expect(issuesOf({ ...realKillmail(2645807).killmail, solar_system_id: 30000142.5 })).toEqual([
      'solar_system_id: expected an integer, got 30000142.5',
    ]);
  });

  it('describes a flood of faults by its first hundred', () => {
    const { killmail } = realKillmail(131126432);
    const attackers = (killmail.attackers as object[]).map((attacker) => ({ ...attacker, damage_done: null }));
    const issues = issuesOf({ ...killmail, attackers });
    expect(issues).toHaveLength(101);
    expect(issues.at(-1)).toBe(': and 3653 more');
  });

  it('never throws, and never without an issue', () => {
    const key = fc.constantFrom(
      'killmail_id',
      'killmail_time',
      'victim',
      'attackers',
      'zkb',
      'esi',
      'killmail',
      '__proto__',
    );
    const input = fc.oneof(fc.jsonValue(), fc.dictionary(key, fc.jsonValue()));
    fc.assert(
      fc.property(input, (value) => {
        const result = parseKillmail(value);
        expect(result.ok || result.issues.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
