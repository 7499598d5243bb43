// Makes calls through @slack/web-api, whose address is the first argument: each line of the input is a JSON object with
// the token, the method and its arguments, each line of the output the answer, or the error that the client threw.
import { createInterface } from 'node:readline';
import { LogLevel, WebClient } from '@slack/web-api';

const options = { slackApiUrl: process.argv[2], logLevel: LogLevel.WARN, retryConfig: { retries: 1 } };

for await (const line of createInterface({ input: process.stdin })) {
  const { token, method, args } = JSON.parse(line);
  const path = method.split('.');
  const name = path.pop();
  const family = path.reduce((part, key) => part[key], new WebClient(token, options));
  try {
    console.log(JSON.stringify(await family[name](args)));
  } catch (error) {
    console.log(JSON.stringify({ ok: false, thrown: error.code ?? String(error), error: error.data?.error }));
  }
}
