import type { Access } from '../connection/access.js';
import { Line } from '../connection/line.js';
import type { Desk } from './desk.js';
import type { ServiceName } from './names.js';

/** A service on this page: the line to it, and its view. */
export class Station {
  readonly line: Line;

  constructor(
    readonly name: ServiceName,
    readonly desk: Desk,
  ) {
    this.line = new Line(name, desk.open);
  }

  /** Another place or another person: what was seen so far does not belong to it. */
  connect(access: Access): void {
    this.desk.reset();
    this.line.connect(access);
  }
}
