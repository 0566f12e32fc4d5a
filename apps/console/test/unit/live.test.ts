import { expect, test, vi } from 'vitest';
import { Pulse } from '../../src/live/pulse.js';
import { Rate } from '../../src/live/rate.js';
import { Recent } from '../../src/live/recent.js';

test('a list of the latest gives the newest first and forgets the oldest', () => {
  const recent = new Recent<number>(3);
  expect([...recent]).toEqual([]);
  for (const number of [1, 2, 3, 4, 5]) recent.add(number);
  expect([...recent]).toEqual([5, 4, 3]);
  expect([recent.length, recent.total, recent.at(0), recent.at(3), recent.at(-1)]).toEqual([
    3,
    5,
    5,
    undefined,
    undefined,
  ]);
  recent.clear();
  expect([...recent, recent.total]).toEqual([0]);
});

test('a rate counts full seconds, and those in which nothing came', () => {
  const rate = new Rate(5);
  rate.add(2, 10_000);
  rate.add(1, 10_900);
  rate.add(4, 12_000);
  expect(rate.history(12_500)).toEqual([0, 0, 0, 3, 0]);
  expect(rate.history(13_000)).toEqual([0, 0, 3, 0, 4]);
  expect(rate.perSecond(13_000, 2)).toBe(2);
});

test('a rate holds nothing of a round ago', () => {
  const rate = new Rate(5);
  for (let second = 0; second < 6; second++) rate.add(1, second * 1000);
  rate.add(7, 1_000_000);
  expect(rate.history(1_001_000)).toEqual([0, 0, 0, 0, 7]);
  expect(rate.history(1_090_000)).toEqual([0, 0, 0, 0, 0]);
});

test('a pulse tells once per animation frame, however often something changed', () => {
  const frames: (() => void)[] = [];
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  const pulse = new Pulse();
  const heard = vi.fn();
  const stop = pulse.subscribe(heard);
  for (let change = 0; change < 100; change++) pulse.changed();
  expect([frames.length, heard.mock.calls.length, pulse.version()]).toEqual([1, 0, 0]);
  frames[0]?.();
  expect([heard.mock.calls.length, pulse.version()]).toEqual([1, 1]);
  stop();
  pulse.changed();
  frames[1]?.();
  expect([frames.length, heard.mock.calls.length]).toEqual([2, 1]);
  vi.unstubAllGlobals();
});
