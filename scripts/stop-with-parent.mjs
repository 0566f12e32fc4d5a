// Imported by a program that run.mjs starts in a group of its own: where run.mjs was killed and could not pass a signal
// on, the end of the channel between the two stops the program, which else would keep its ports.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
