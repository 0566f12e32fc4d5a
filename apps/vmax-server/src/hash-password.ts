import { text } from 'node:stream/consumers';
import { RoomcastError } from '@roomcast/engine';
import { maxPasswordLength } from '@roomcast/vmax-protocol';
import { hashPassword } from './accounts/passwords.js';

/** Reads a password, one line, and writes its hash for a directory file. Not an argument: others can see those. */
export async function printPasswordHash(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  const password = (await text(input)).replace(/\r?\n$/, '');
  if (password === '' || password.length > maxPasswordLength || password.includes('\n')) {
    throw new RoomcastError(`expected a password of 1 to ${maxPasswordLength} characters, one line, on standard input`);
  }
  output.write(`${await hashPassword(password)}\n`);
}
