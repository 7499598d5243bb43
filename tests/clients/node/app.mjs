// The scenario's app on @slack/bolt: `node app.mjs socket|http`, the workspace as JSON in the variable WORKSPACE.
// Its first line says that it is ready and, over HTTP, on which port; it ends when its input does.
import { readFileSync } from 'node:fs';
import bolt from '@slack/bolt';

const shown = JSON.parse(readFileSync(new URL('../shown.json', import.meta.url), 'utf8'));
const workspace = JSON.parse(process.env.WORKSPACE);
const overSocket = process.argv[2] === 'socket';

const clientOptions = { slackApiUrl: workspace.api_url };
const logLevel = bolt.LogLevel.WARN;
const receiver = overSocket
  ? new bolt.SocketModeReceiver({
      appToken: workspace.app_token,
      installerOptions: { clientOptions },
      clientPingTimeout: 200, // Also how long it waits before it connects again: five seconds by default.
      logLevel,
    })
  : new bolt.HTTPReceiver({ signingSecret: workspace.signing_secret, logLevel });
const app = new bolt.App({ token: workspace.bot_token, clientOptions, receiver, logLevel });

async function openForm({ ack, body, client }) {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: shown.form });
}

app.command('/cxidea', openForm);
app.shortcut('idea.share', openForm);
app.shortcut('idea.from_message', openForm);
app.action('home.share', openForm);

app.view('idea.form', async ({ ack, view, client }) => {
  const { title, stage } = view.state.values;
  if (title.title.value === 'bad') {
    await ack({ response_action: 'errors', errors: shown.errors });
    return;
  }
  await ack({ response_action: 'update', view: shown.done });
  await client.chat.postMessage({
    channel: workspace.ideas_channel,
    text: `${title.title.value} (${stage.stage.selected_option.value})`,
    blocks: shown.card,
    metadata: shown.metadata,
  });
});

app.view({ callback_id: 'idea.form', type: 'view_closed' }, async ({ ack }) => {
  await ack();
});

async function note({ event, client }) {
  const { channel, ts } = event.item;
  await client.chat.postMessage({ channel, thread_ts: ts, text: `${event.type} ${event.reaction}` });
}

app.event('reaction_added', note);
app.event('reaction_removed', note);

app.action('idea.vote', async ({ ack, body, client, respond }) => {
  await ack();
  await client.chat.update({
    channel: body.channel.id,
    ts: body.message.ts,
    text: `Voted by ${body.user.id}`,
    blocks: shown.voted,
  });
  await respond({ text: 'Thanks.', replace_original: false });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: shown.home });
});

const server = await (overSocket ? app.start() : receiver.start({ port: 0, host: '127.0.0.1' }));
console.log(JSON.stringify({ ready: true, port: overSocket ? null : server.address().port }));
process.stdin.on('end', () => process.exit(0)).resume();
