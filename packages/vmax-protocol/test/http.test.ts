import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
// Loaded into the same process it gives zod/mini texts of its own, which must not get into ours.
import 'zod';
import { errorAnswer, parseLogin, parseRefresh, sessionAnswer } from '../src/index.js';

const fieldsOf = (checked: ReturnType<typeof parseLogin> | ReturnType<typeof parseRefresh>): string[] =>
  checked.ok ? [] : checked.details.map(({ field }) => field);

describe('a login', () => {
  it.each([
    [undefined, ['']],
    [null, ['']],
    [[], ['']],
    [{}, ['email', 'password']],
    [{ email: 'manager@example.com' }, ['password']],
    [{ email: 'manager', password: 'x' }, ['email']],
    [{ email: `${'a'.repeat(250)}@example.com`, password: 'x' }, ['email']],
    [{ email: 'manager@example.com', password: '' }, ['password']],
    [{ email: 'manager@example.com', password: 'x'.repeat(1025) }, ['password']],
    [{ email: 5, password: { $ne: '' } }, ['email', 'password']],
  ])('%j names %j', (body, fields) => {
    expect(fieldsOf(parseLogin(body))).toEqual(fields);
  });

  it('takes a password of up to 1024 characters, and nothing else along with it', () => {
    const body = { email: 'manager@example.com', password: 'x'.repeat(1024) };
    expect(parseLogin({ ...body, role: 'ADMIN' })).toEqual({ ok: true, value: body });
  });

  it('that is refused never repeats the password', () => {
    const secret = 'hunter22-hunter22';
    for (const body of [{ email: secret, password: secret }, { password: secret.repeat(100) }, secret]) {
      expect(JSON.stringify(parseLogin(body))).not.toContain(secret);
    }
  });
});

it('a body that is no object is told so', () => {
  expect(parseLogin(undefined)).toEqual({ ok: false, details: [{ field: '', message: 'expected an object' }] });
  expect(parseLogin({ email: 5, password: 5 })).toEqual({
    ok: false,
    details: [
      { field: 'email', message: 'expected an e-mail address' },
      { field: 'password', message: 'expected a text of 1 to 1024 characters' },
    ],
  });
});

it('a refresh names its one field', () => {
  expect(parseRefresh({ refreshToken: 'x' })).toEqual({ ok: true, value: { refreshToken: 'x' } });
  for (const body of [{}, { refreshToken: '' }, { refreshToken: 5 }]) {
    expect(parseRefresh(body)).toEqual({
      ok: false,
      details: [{ field: 'refreshToken', message: 'expected a refresh token' }],
    });
  }
});

it('no body makes parsing throw', () => {
  const body = fc.oneof(fc.anything(), fc.record({ email: fc.anything(), password: fc.anything() }));
  fc.assert(fc.property(body, (value) => void [parseLogin(value), parseRefresh(value)]));
});

it('the answers have their shapes', () => {
  const meta = { timestamp: '2026-01-16T12:00:00.000Z', requestId: 'r' };
  const user = { id: 'u', email: 'a@b.c', role: 'ADMIN', fleetId: null, firstName: 'A', lastName: 'B' };
  const data = { accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', expiresIn: 900, user };
  expect(sessionAnswer.safeParse({ data, meta }).success).toBe(true);
  expect(sessionAnswer.safeParse({ data: { ...data, tokenType: 'bearer' }, meta }).success).toBe(false);
  const error = { code: 'VALIDATION_ERROR', message: 'x', details: [{ field: 'email', message: 'y' }] };
  expect(errorAnswer.safeParse({ error, meta }).success).toBe(true);
});
