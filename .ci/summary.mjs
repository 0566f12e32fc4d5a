// Closing lines of .ci/run, and its exit code.
//   node .ci/summary.mjs FOLDER [FAILED GATE...]     FOLDER holds vitest's report of a gate as GATE.json
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, ...failedGates] = process.argv.slice(2);
const reports = new Map(
  readdirSync(folder).map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
);

let passed = 0;
let skipped = 0;
for (const report of reports.values()) {
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
}

// A gate without tests counts as one that failed, and so does a suite that broke outside its tests.
let failed = 0;
for (const gate of failedGates) failed += Math.max(1, reports.get(gate)?.numFailedTests ?? 0);

// Named here, since of a long log often only the end is kept.
for (const report of reports.values()) {
  for (const suite of report.testResults.filter(({ status }) => status === 'failed')) {
    const file = relative('.', suite.name);
    if (suite.message !== '') console.log(`\n${file}\n${suite.message}`);
    for (const test of suite.assertionResults.filter(({ status }) => status === 'failed')) {
      const lines = test.failureMessages.join('\n').split('\n');
      const ours = lines.filter((line) => !line.includes('node_modules'));
      console.log(`\n${file} > ${test.fullName}\n${ours.join('\n')}`);
    }
  }
}
if (failedGates.length > 0) console.log(`\nfailed: ${failedGates.join(', ')}`);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
