import { expect, test } from 'vitest';
import { cases, quickCases } from '../src/cases/index.js';
import { type BenchOptions, readCommand } from '../src/options.js';

function optionsOf(...args: string[]): BenchOptions {
  const command = readCommand(args);
  if ('text' in command) throw new Error(`nothing is run: ${command.text}`);
  return command.run;
}

test('without options all cases run with their own rounds, and the result counts', () => {
  expect(optionsOf()).toMatchObject({ cases, rounds: undefined, seconds: 1.5, port: 0, patient: true, full: true });
});

test('--quick is three cases in one round, without dialects and without verdicts', () => {
  const { cases: chosen, rounds, patient, full } = optionsOf('--quick');
  expect(chosen.map(({ name }) => name)).toEqual(quickCases);
  expect(chosen).toHaveLength(3);
  for (const { contenders, goals } of chosen) {
    expect(contenders.map(({ name }) => name)).toEqual(['ws', 'socket.io', 'roomcast']);
    expect(goals).toEqual([]);
  }
  expect({ rounds, patient, full }).toEqual({ rounds: 1, patient: false, full: false });
});

test('--case, --rounds, --seconds, --port and --out are taken as given', () => {
  const { cases: chosen, ...rest } = optionsOf(
    ...['--case', 'tls', '--case', 'ingest', '--case', 'tls'],
    ...['--rounds', '7', '--seconds', '0.5', '--port', '9000', '--out', '/somewhere'],
  );
  expect(chosen.map(({ name }) => name)).toEqual(['tls', 'ingest']);
  expect(rest).toEqual({ rounds: 7, seconds: 0.5, port: 9000, out: '/somewhere', patient: true, full: false });
});

test('--list names every case, and --help every option', () => {
  const list = readCommand(['--list']);
  for (const { name } of cases) expect('text' in list && list.text).toContain(name);
  const help = readCommand(['--help']);
  for (const option of ['quick', 'case', 'rounds', 'seconds', 'port', 'out', 'list']) {
    expect('text' in help && help.text).toContain(`--${option}`);
  }
});

test.each([
  [['--fast'], "Unknown option '--fast'"],
  [['room-1000'], "Unexpected argument 'room-1000'"],
  [['--case'], "Option '--case <value>' argument missing"],
  [['--case', 'room-7'], '--case: expected one of room-100, room-1000'],
  [['--rounds', '0'], '--rounds: expected a whole number from 1 to 1000, got "0"'],
  [['--rounds', '2.5'], '--rounds: expected a whole number'],
  [['--rounds', ''], '--rounds: expected a whole number'],
  [['--seconds', 'two'], '--seconds: expected a number from 0.05 to 600, got "two"'],
  [['--port', '65536'], '--port: expected a whole number from 0 to 65535'],
])('%j is refused in one line', (args, message) => {
  expect(() => readCommand(args)).toThrow(message);
  try {
    readCommand(args);
  } catch (error) {
    expect(String(error)).not.toContain('\n');
  }
});

test('names of cases and of their figures are unique, and goals are about what is measured', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  for (const { contenders, goals, figures } of cases) {
    expect(new Set(figures.map(({ metric }) => metric)).size).toBe(figures.length);
    const names = contenders.map(({ name }) => name);
    for (const { of, to, must, moonshot } of goals) {
      expect(names).toContain(of);
      if (to?.of !== undefined) expect(names).toContain(to.of);
      expect(moonshot).toBeLessThanOrEqual(must);
    }
  }
});
