// Asks the server that this page came from.
import { $ } from './dom.js';
import { inThisTab } from './remembered.js';

/** What the server, or the way to it, says is wrong. */
export class ApiError extends Error {
  constructor(message, { status = 0, code = '', wait = 0 } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }
}

function headers(type) {
  const token = inThisTab.get('token');
  return { ...(type && { 'Content-Type': type }), ...(token && { Authorization: `Bearer ${token}` }) };
}

async function refusal(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // Then the status must do.
  }
  if (response.status === 401) askForToken();
  const wait = Number(response.headers.get('Retry-After')) || 0;
  const busy = response.status === 429 ? `The server is busy; try again in ${wait || 1} s. ` : '';
  return new ApiError(busy + (error.message ?? `the server answered ${response.status}`),
    { status: response.status, code: error.code, wait });
}

function askForToken() {
  $('token-form').hidden = false;
  $('token').focus();
}

/** Takes the token that the user gives, for as long as this tab is open. */
export function takeTokens(again) {
  $('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    inThisTab.set('token', $('token').value.trim());
    $('token-form').hidden = true;
    $('token').value = '';
    again();
  });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(options.body
      ? 'The connection broke: the image may be too large, or the server has stopped.'
      : 'The server cannot be reached.');
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function get(path) {
  return (await ask(path, { headers: headers() })).json();
}

/** Posts a JSON object, or an image as it is. */
export async function post(path, body, signal) {
  const raw = body instanceof Blob;
  const type = raw ? (body.type.startsWith('image/') ? body.type : 'application/octet-stream') : 'application/json';
  const response = await ask(path,
    { method: 'POST', headers: headers(type), body: raw ? body : JSON.stringify(body), signal });
  return response.json();
}

/** The server-sent events of an answer, as `{ name, data }`; the last is `done`. */
export async function* stream(path, body, signal) {
  const response = await ask(path, {
    method: 'POST', headers: headers('application/json'), body: JSON.stringify({ ...body, stream: true }), signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  let ended = false;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    waiting += value;
    const events = waiting.split('\n\n');
    waiting = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split('\n').filter((line) => !line.startsWith(':'))
        .map((line) => line.split(/: (.*)/s)).filter(([name]) => name));
      if (!fields.data) continue;
      const data = JSON.parse(fields.data);
      if (fields.event === 'error') throw new ApiError(data.error.message, { code: data.error.code });
      ended ||= fields.event === 'done';
      yield { name: fields.event, data };
    }
  }
  if (!ended) throw new ApiError('The answer was cut off: the server has stopped.');
}
