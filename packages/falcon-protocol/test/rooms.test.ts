import { describe, expect, it } from 'vitest';
import { groupRoom, isAssigned, personalRoom, roomSubject, roomTypeOf, threadRoom } from '../src/index.js';

describe('a room', () => {
  it.each([
    [personalRoom('u-1'), 'user:u-1', 'personal', 'u-1', true],
    [groupRoom('g:1'), 'group:g:1', 'group', 'g:1', true],
    [threadRoom('t-1'), 'thread:t-1', 'thread', 't-1', false],
    ['lobby', 'lobby', 'custom', 'lobby', false],
    ['User:u-1', 'User:u-1', 'custom', 'User:u-1', false],
    ['groups', 'groups', 'custom', 'groups', false],
    ['user:', 'user:', 'personal', '', true],
  ])('%s', (room, id, type, subject, assigned) => {
    expect([room, roomTypeOf(room), roomSubject(room), isAssigned(room)]).toEqual([id, type, subject, assigned]);
  });
});
