export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  fields: object;
  message: string;
}

/** A logger that keeps its lines. Fits the engine's `Logger`. */
export class RecordingLogger {
  readonly lines: LogLine[] = [];

  debug = (fields: object, message: string) => this.#record('debug', fields, message);
  info = (fields: object, message: string) => this.#record('info', fields, message);
  warn = (fields: object, message: string) => this.#record('warn', fields, message);
  error = (fields: object, message: string) => this.#record('error', fields, message);

  /** Everything that was logged, as one text to search. */
  get text(): string {
    return JSON.stringify(this.lines);
  }

  #record(level: LogLine['level'], fields: object, message: string): void {
    this.lines.push({ level, fields, message });
  }
}
