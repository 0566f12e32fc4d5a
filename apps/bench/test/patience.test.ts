import { expect, test } from 'vitest';
import { requestsCase } from '../src/cases/requests.js';
import { type Attempt, Patience } from '../src/run/patience.js';
import { Progress } from '../src/run/progress.js';

/** Attempts of ten seconds each, of which the nth was disturbed by what the list says. */
function attempts(disturbances: readonly (string | undefined)[], share: number) {
  let seconds = 0;
  const patience = new Patience(share, () => seconds * 1000);
  const told: (string | undefined)[] = [];
  const measure = async (disturbance?: string): Promise<Attempt<number>> => {
    told.push(disturbance);
    seconds += 10;
    return { result: told.length, disturbance: disturbances[told.length - 1] };
  };
  return { patience, measure, told };
}

test('what nobody disturbed is measured once', async () => {
  const { patience, measure, told } = attempts([], 1);
  expect(await patience.undisturbed(measure)).toBe(1);
  expect(told).toEqual([undefined]);
});

test('what was disturbed is measured again, and told why, until it was not', async () => {
  const { patience, measure, told } = attempts(['a noise', undefined, 'never asked for'], 1);
  expect(await patience.undisturbed(measure)).toBe(2);
  expect(told).toEqual([undefined, 'a noise']);
});

test('the third attempt counts, disturbed or not', async () => {
  const { patience, measure, told } = attempts(['a', 'b', 'c', 'd'], 2);
  expect(await patience.undisturbed(measure)).toBe(3);
  expect(told).toEqual([undefined, 'a', 'b']);
});

test('where everything is disturbed, first attempts and the share of their time decide how much is repeated', async () => {
  const { patience, measure, told } = attempts(Array(99).fill('noise'), 0.5);
  for (let n = 0; n < 20; n++) await patience.undisturbed(measure);
  expect(told.filter((each) => each === undefined)).toHaveLength(20);
  expect(told.length).toBe(30);
});

test('without patience everything is measured once', async () => {
  const { patience, measure } = attempts(['noise'], 0);
  expect(await patience.undisturbed(measure)).toBe(1);
});

test('progress tells what is measured again and why, and counts it once', () => {
  const lines: string[] = [];
  const progress = new Progress(
    [requestsCase],
    () => 2,
    (line) => lines.push(line.replace(/about .* left/, 'T left')),
  );
  progress.tell(requestsCase, 1, 'ws');
  progress.tell(requestsCase, 1, 'ws', 'a noise was heard');
  progress.tell(requestsCase, 1, 'roomcast');
  expect(lines).toEqual([
    '[1/1] requests, round 1/2: ws',
    '[1/1] requests, round 1/2: ws again, since a noise was heard, T left',
    '[1/1] requests, round 1/2: roomcast, T left',
  ]);
});
