import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';

/* `npm run check`: the committed document has no fault by the recommended rules of Redocly. */

const source = readFileSync(new URL('openapi.json', import.meta.url), 'utf8');
// The problems of every operation are the answer `default`, so that not each of them lists a 4xx.
const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'off' } });
const faults = await lintFromString({ source, config });
for (const { ruleId, severity, message, location } of faults) {
  console.error(
    `openapi.json ${location.map(({ pointer }) => pointer).join()}: ${message} (${severity} ${ruleId})`,
  );
}
process.exitCode = faults.length > 0 ? 1 : 0;
