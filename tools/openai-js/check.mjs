// OpenAI's client for JavaScript, as it was published, against ./blip2 serve with the built-in models:
//   cd tools/openai-js && npm ci && npm test
// BLIP2 names another launcher than this project's.
// What texts must be stands in the built-in model's golden.json, which the reference wrote.
// Prints a line for each check; the exit status is 1 if one fails.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const golden = path.join(root, 'blip2-demo-model/src/test/resources/demo/golden');
const { cases } = JSON.parse(fs.readFileSync(path.join(golden, 'golden.json')));
const bytes = (n) => fs.readFileSync(path.join(golden, `scene-0${n}.png`));
const url = (n) => 'data:image/png;base64,' + bytes(n).toString('base64');
const text = (n, prompt) => cases[n].texts[prompt];
const question = (n, prompt) => cases[n].prompts[prompt].replace('Question: ', '').replace(' Answer:', '');
const image = (n) => ({ type: 'image_url', image_url: { url: url(n), detail: 'low' } });
const about = (n, ...parts) => ({ role: 'user', content: [...parts, image(n)] });

/** A server on any free port; its log is what it says on standard error. */
async function serve(...options) {
  const child = spawn(process.env.BLIP2 ?? path.join(root, 'blip2'), ['serve', '--port', '0', ...options], { cwd: root });
  const server = { log: '', stop: () => new Promise((end) => { child.once('exit', end); child.kill('SIGTERM'); }) };
  child.stderr.on('data', (data) => { server.log += data; });
  server.base = await new Promise((found, failed) => {
    let said = '';
    child.stdout.on('data', (data) => {
      said += data;
      const at = said.match(/Serving at (http:\S+)\n/);
      if (at) found(at[1]);
    });
    child.once('exit', (status) => failed(new Error(`serve ended with ${status}: ${server.log}`)));
  });
  return server;
}

/** A request that has come but for its last byte, and keeps its place until that is sent. */
async function hold(base, body) {
  const { hostname, port } = new URL(base);
  const socket = net.connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (data) => { answer += data; });
  socket.write('POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n'
    + `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`);
  await until(() => answer.includes('100 Continue'));
  socket.write(body.subarray(0, -1));
  return async () => {
    socket.write(body.subarray(-1));
    await until(() => answer.includes('usage'));
    socket.destroy();
    return answer;
  };
}

const until = async (true_) => { while (!true_()) await new Promise((next) => setTimeout(next, 5)); };

let failed = 0;
async function check(name, work) {
  try {
    console.log(`ok    ${name}: ${await work()}`);
  } catch (e) {
    failed++;
    console.log(`FAILED ${name}: ${e.stack}`);
  }
}

const writing = await serve('--concurrency', '1', '--queue', '0');
const matching = await serve('--matcher');
const client = new OpenAI({ baseURL: writing.base + '/v1', apiKey: 'none' });
const vectors = new OpenAI({ baseURL: matching.base + '/v1', apiKey: 'none' });
const model = 'blip2';

await check('caption', async () => {
  const answer = await client.chat.completions.create({ model, messages: [about(2)] });
  assert.equal(answer.choices[0].message.content, text(2, 0));
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  return answer.choices[0].message.content;
});

await check('stream', async () => {
  const stream = await client.chat.completions.create(
    { model, messages: [about(3)], stream: true, stream_options: { include_usage: true } });
  const pieces = [];
  let usage;
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content) pieces.push(chunk.choices[0].delta.content);
    usage = chunk.usage ?? usage;
  }
  assert.equal(pieces.join(''), text(3, 0));
  assert.ok(pieces.length > 2 && usage.completion_tokens >= pieces.length);
  return `${pieces.length} pieces, ${usage.completion_tokens} tokens`;
});

await check("stream by the client's own helper", async () => {
  const whole = await client.chat.completions.stream({ model, messages: [about(3)] }).finalContent();
  assert.equal(whole, text(3, 0));
  return whole;
});

await check('conversation of two turns', async () => {
  const messages = [about(1, { type: 'text', text: question(1, 1) })];
  const first = await client.chat.completions.create({ model, messages });
  assert.equal(first.choices[0].message.content, text(1, 1));
  messages.push(first.choices[0].message, { role: 'user', content: question(1, 2) });
  const second = await client.chat.completions.create({ model, messages });
  assert.equal(second.choices[0].message.content, text(1, 4));
  return `${text(1, 1)}, ${text(1, 4)}`;
});

await check('several answers with probabilities', async () => {
  const answer = await client.chat.completions.create(
    { model, messages: [about(0)], n: 2, temperature: 0.5, seed: 1, logprobs: true, top_logprobs: 2 });
  assert.equal(answer.choices.length, 2);
  for (const { logprobs } of answer.choices) {
    assert.ok(logprobs.content.length > 0 && logprobs.content.every((s) => s.logprob <= 0));
  }
  return answer.choices.map((c) => c.message.content).join(' | ');
});

await check('models', async () => {
  const ids = [];
  for await (const one of client.models.list()) ids.push(one.id);
  assert.deepEqual(ids, [model]);
  assert.equal((await client.models.retrieve(model)).object, 'model');
  return ids.join();
});

await check('embeddings: base64, which the client asks for unless told, and float', async () => {
  const input = ['a red square', url(0)];
  const unsaid = await vectors.embeddings.create({ model, input });
  const floats = await vectors.embeddings.create({ model, input, encoding_format: 'float' });
  const raw = await vectors.embeddings.create({ model, input, encoding_format: 'base64' });
  assert.equal(typeof raw.data[0].embedding, 'string');
  for (const [i, { embedding }] of floats.data.entries()) {
    const packed = Buffer.from(raw.data[i].embedding, 'base64');
    assert.equal(unsaid.data[i].embedding.length, embedding.length);
    embedding.forEach((value, k) => {
      assert.ok(Math.abs(unsaid.data[i].embedding[k] - value) < 1e-7);
      assert.equal(packed.readFloatLE(4 * k), Math.fround(unsaid.data[i].embedding[k]));
    });
  }
  return `${floats.data.length} of ${floats.data[0].embedding.length} numbers`;
});

await check('429, and the client comes again by itself', async () => {
  const finish = await hold(writing.base, bytes(4));
  const waiting = client.chat.completions.create({ model, messages: [about(0)] });
  await until(() => writing.log.includes('/v1/chat/completions 429'));
  assert.ok((await finish()).includes(text(4, 0)));
  assert.equal((await waiting).choices[0].message.content, text(0, 0));
  return text(0, 0);
});

await check('429 without coming again', async () => {
  const finish = await hold(writing.base, bytes(4));
  const once = client.chat.completions.create({ model, messages: [about(0)] }, { maxRetries: 0 });
  await assert.rejects(once, (e) => e instanceof OpenAI.RateLimitError && e.code === 'queue_full');
  await finish();
  return 'RateLimitError queue_full';
});

await check('errors', async () => {
  const words = client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] });
  await assert.rejects(words, (e) => e instanceof OpenAI.BadRequestError
    && e.param === 'messages' && e.code === 'invalid_value' && /must have an image/.test(e.message));
  const other = client.chat.completions.create({ model: 'gpt-4o', messages: [about(0)] });
  await assert.rejects(other, (e) => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found');
  const tools = client.chat.completions.create({ model, messages: [about(0)],
    tools: [{ type: 'function', function: { name: 'look', parameters: {} } }] });
  await assert.rejects(tools, (e) => e instanceof OpenAI.BadRequestError && e.param === 'tools');
  await assert.rejects(client.embeddings.create({ model, input: 'a' }), OpenAI.BadRequestError);
  return 'BadRequestError, NotFoundError';
});

await check('a stream that is left', async () => {
  const stream = await client.chat.completions.create({ model, messages: [about(0)], stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break;
  const next = await client.chat.completions.create({ model, messages: [about(5)] });
  assert.equal(next.choices[0].message.content, text(5, 0));
  return 'the next request is served';
});

await Promise.all([writing.stop(), matching.stop()]);
console.log(failed === 0 ? 'all right' : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
