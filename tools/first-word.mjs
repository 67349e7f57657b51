// How long the page takes from the drop of an image to the first word of its description, in a browser:
//   node tools/first-word.mjs [--runs 5] [--images 3] [IMAGE...]
// Each run starts ./blip2 serve with the built-in model and a headless Chromium, both fresh, and drops images one after
// the other; the first is what somebody sees who has just started it. Without IMAGE the samples are dropped. BLIP2 names
// another launcher. Needs Node 20, chromedriver and chromium; nothing of npm.
// Prints for each drop, in ms: until the first word (as the page shows it), and of that the upload with its encoding.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({ allowPositionals: true,
  options: { runs: { type: 'string', default: '5' }, images: { type: 'string', default: '3' } } });
const samples = fs.readdirSync(path.join(root, 'samples')).filter((name) => name.endsWith('.png')).sort()
  .map((name) => path.join(root, 'samples', name));
const files = positionals.length > 0 ? positionals : samples.slice(0, Number(values.images));
const TYPES = { '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.webp': 'image/webp' };
const pause = (ms) => new Promise((next) => setTimeout(next, ms));

function ended(child) {
  return new Promise((end) => { child.once('exit', end); child.kill('SIGTERM'); });
}

async function serve() {
  const begun = performance.now();
  const child = spawn(process.env.BLIP2 ?? path.join(root, 'blip2'), ['serve', '--port', '0', '--quiet']);
  child.stderr.pipe(process.stderr);
  const base = await new Promise((found, failed) => {
    let said = '';
    child.stdout.on('data', (data) => {
      said += data;
      const at = said.match(/Serving at (http:\S+)\n/);
      if (at) found(at[1]);
    });
    child.once('exit', (status) => failed(new Error(`serve ended with ${status}`)));
  });
  return { base, child, start: performance.now() - begun };
}

async function freePort() {
  const server = net.createServer();
  await new Promise((next) => server.listen(0, '127.0.0.1', next));
  const { port } = server.address();
  await new Promise((next) => server.close(next));
  return port;
}

/** A browser, as little of WebDriver as this needs. */
async function browse() {
  const port = await freePort();
  const child = spawn('chromedriver', [`--port=${port}`], { stdio: 'ignore' });
  let session = `http://127.0.0.1:${port}`;
  const send = async (way, body) => {
    const response = await fetch(session + way, { method: 'POST', body: JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(value));
    return value;
  };
  for (;;) {
    if (await fetch(session + '/status').then(async (r) => (await r.json()).value.ready, () => false)) break;
    await pause(20);
  }
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--window-size=1360,940'];
  const { sessionId } = await send('/session',
    { capabilities: { alwaysMatch: { browserName: 'chrome', 'goog:chromeOptions': { args } } } });
  session += `/session/${sessionId}`;
  return {
    open: (url) => send('/url', { url }),
    run: (script, ...args) => send('/execute/sync', { script, args }),
    close: async () => {
      await fetch(session, { method: 'DELETE' });
      await ended(child);
    },
  };
}

/** Drops an image; gives what the page then says below its answer. */
async function drop(browser, file) {
  const bytes = fs.readFileSync(file).toString('base64');
  await browser.run(`const bytes = Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], arguments[1], { type: arguments[2] }));
    document.querySelector('#stage').dispatchEvent(
      new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));`,
  bytes, path.basename(file), TYPES[path.extname(file).toLowerCase()] ?? 'image/png');
  for (;;) {
    await pause(50);
    const said = await browser.run(`const busy = document.querySelector('#log').getAttribute('aria-busy') === 'true';
      const alert = document.querySelector('#alert');
      return busy ? '' : alert.hidden ? document.querySelector('#log .stats')?.innerText ?? '' : 'error: ' + alert.innerText;`);
    if (said.startsWith('error: ')) throw new Error(`${file}: ${said}`);
    if (said) return said;
  }
}

const number = (said, name) => Number(said.match(new RegExp(`${name} ([\\d.,]+) ms`))?.[1].replaceAll(',', ''));
const firsts = [];
for (let run = 1; run <= Number(values.runs); run++) {
  const { base, child, start } = await serve();
  const browser = await browse();
  await browser.open(base + '/');
  while (!await browser.run('return Boolean(document.documentElement.dataset.ready)')) await pause(20);
  const drops = [];
  for (const file of files) {
    const said = await drop(browser, file);
    drops.push({ first: number(said, 'first word'), image: number(said, 'image') });
  }
  firsts.push(drops[0].first);
  console.log(`run ${run}: serving after ${Math.round(start)} ms; first word (of it upload and encoding) `
    + drops.map(({ first, image }) => `${first} (${image})`).join(', '));
  await browser.close();
  await ended(child);
}
firsts.sort((a, b) => a - b);
console.log(`first image: median ${firsts[firsts.length >> 1]} ms, ${firsts[0]} to ${firsts.at(-1)} ms`);
