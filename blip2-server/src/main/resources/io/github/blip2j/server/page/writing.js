// Descriptions, answers and conversations, streamed, of one model or several side by side.
import { post, stream } from './api.js';
import { $, calm, complain, make, say, shown } from './dom.js';
import { precision, refresh, writes } from './about.js';
import * as settings from './settings.js';

const NOTES = {
  caption: 'Describes the image; what you write is the beginning that it goes on from.',
  ask: 'Answers one question, whatever was asked before.',
  chat: 'Answers in a conversation: earlier questions and answers are read too.',
};
let models = [];
let session = null; // what is shown: image, ids, answers
let changed = () => {}; // is told that the session has another answer
let running = null; // aborts what is written now

const mode = () => new FormData($('ask-form')).get('mode');

/** The id of the session's image at a model, which encodes it only once. */
function imageId(of, model) {
  of.ids ??= new Map();
  of.encoded ??= new Map();
  if (!of.ids.has(model.path)) {
    const begun = performance.now();
    const encoding = post(`${model.path}/api/images`, of.blob).then((answer) => {
      of.encoded.set(model.path, performance.now() - begun);
      return answer.image_id;
    });
    encoding.catch(() => of.ids.delete(model.path));
    of.ids.set(model.path, encoding);
  }
  return of.ids.get(model.path);
}

/** Asks with the image's id; with a new one if the server has forgotten it. */
async function withImage(of, model, task) {
  try {
    return await task(await imageId(of, model));
  } catch (error) {
    if (error.code !== 'unknown_image') throw error;
    of.ids.delete(model.path);
    return task(await imageId(of, model));
  }
}

export { withImage };

function body(kind, text) {
  if (kind === 'caption') return text ? { prompt: text } : {};
  if (kind === 'ask') return { question: text };
  const history = session.log.filter((entry) => entry.kind === 'chat' && entry.answers[0]?.text)
    .map((entry) => ({ question: entry.question, answer: entry.answers[0].text }));
  return { question: text, history };
}

/** A column of an answer; with a name where there are several. */
function column(name) {
  const text = make('p', { class: 'text' });
  const stats = make('p', { class: 'note stats' });
  const who = name ? [make('p', { class: 'who', text: name })] : [];
  return { element: make('div', { class: 'answer' }, ...who, text, stats), text, stats, named: Boolean(name) };
}

function asked(kind, question) {
  return make('p', { class: 'asked', text: question || (kind === 'caption' ? 'Describe it' : '') });
}

/** What an answer took; its precision too, unless that stands above it. */
function numbers(answer, named) {
  const parts = [];
  if (answer.first !== undefined) parts.push(`first word ${shown(answer.first)} ms`);
  if (answer.timings) {
    parts.push(`image ${shown(answer.timings.image_ms)} ms`);
    if (answer.timings.prefill_ms) parts.push(`prompt ${shown(answer.timings.prefill_ms)} ms`);
    parts.push(`text ${shown(answer.timings.decode_ms)} ms`);
  }
  if (answer.tokens) {
    parts.push(`${answer.tokens} tokens`);
    if (answer.perSecond) parts.push(`${shown(answer.perSecond)} tokens/s`);
  }
  if (answer.end && answer.end !== 'eos') parts.push({ stopped: 'stopped by you', length: 'cut at its longest' }[answer.end] ?? answer.end);
  if (answer.precision && !named) parts.push(answer.precision);
  return parts.join(' · ');
}

function showTexts(place, answer) {
  if (!answer.texts || answer.texts.length < 2) {
    place.text.textContent = answer.text;
    return;
  }
  const rows = answer.texts.map((one) => make('li', {}, one.text, make('span', { class: 'note', text: ` ${shown(one.score, 2)}` })));
  place.text.replaceWith(make('ol', { class: 'several' }, ...rows));
}

function finish(answer, whole, started) {
  const tokens = whole.usage.new_tokens;
  const milliseconds = Math.max(1, whole.timings.decode_ms);
  Object.assign(answer, {
    text: whole.text, texts: whole.texts.map(({ text, score }) => ({ text, score })), timings: whole.timings,
    tokens, perSecond: 1000 * tokens / milliseconds, end: whole.texts[0].finish_reason,
    total: performance.now() - started,
  });
}

async function write(model, place, request, signal) {
  const answer = { model: model.model, precision: precision(model), text: '' };
  const started = request.started;
  const fresh = !request.session.ids?.has(model.path);
  try {
    await withImage(request.session, model, async (id) => {
      const asking = { ...request.body, image_id: id, options: request.options };
      const path = `${model.path}/api/${request.kind}`;
      if (!settings.streams(request.options)) {
        finish(answer, await post(path, asking, signal), started);
        return;
      }
      for await (const { name, data } of stream(path, asking, signal)) {
        if (name === 'done') {
          finish(answer, data, started);
        } else {
          answer.first ??= performance.now() - started;
          answer.text += data.text;
          place.text.textContent = answer.text;
        }
      }
    });
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
    answer.end = 'stopped';
  }
  if (fresh && answer.timings) answer.timings.image_ms = request.session.encoded.get(model.path);
  showTexts(place, answer);
  place.stats.textContent = numbers(answer, place.named);
  return answer;
}

function busy(now) {
  $('send').hidden = now;
  $('send').disabled = now; // hidden alone, Enter would still use it
  $('stop').hidden = !now;
  $('log').setAttribute('aria-busy', String(now));
  if (now) $('stop').focus();
}

/** Writes about the session's image; gives whether something came of it. */
export async function run(kind, question, started = performance.now()) {
  if (!session) throw new Error('There is no image yet: drop, paste, choose, photograph or draw one.');
  if (kind !== 'caption' && !question) throw new Error('There is no question yet.');
  const request = { kind, session, body: body(kind, question), options: settings.options(), started };
  const chosen = [models[0], ...comparedWith()];
  const places = chosen.map((model) => column(chosen.length > 1 && precision(model)));
  const item = make('li', { class: kind }, asked(kind, question),
    make('div', { class: 'answers' }, ...places.map((place) => place.element)));
  $('log').append(item);
  item.scrollIntoView({ block: 'nearest' });
  const stopping = new AbortController();
  running = stopping;
  const atForm = $('ask-form').contains(document.activeElement);
  busy(true);
  try {
    const answers = await Promise.all(chosen.map((model, i) => write(model, places[i], request, stopping.signal)));
    request.session.log.push({ kind, question, answers, time: Date.now() });
    await changed(request.session);
    say(answers.map((answer) => answer.text).join('. '));
  } catch (error) {
    stopping.abort();
    item.remove();
    throw error;
  } finally {
    if (running === stopping) { // else another image has come meanwhile
      running = null;
      busy(false);
      if (atForm || document.activeElement === document.body) $('question').focus({ preventScroll: true });
    }
    refresh(models[0]);
  }
}

function comparedWith() {
  const names = [...$('compare').querySelectorAll('input:checked')].map((box) => box.value);
  return models.slice(1).filter((model) => names.includes(model.model));
}

/** Ends what is being written, and forgets whose it was. */
export function stop() {
  running?.abort();
}

/** Shows a session with the answers that it has. */
export function show(chosen) {
  stop();
  if (running) { // an image that is still encoded may take long to end
    running = null;
    busy(false);
  }
  session = chosen;
  $('log').replaceChildren(...(session?.log ?? []).map((entry) => {
    const places = entry.answers.map((answer) => {
      const place = column(entry.answers.length > 1 && answer.precision);
      place.text.textContent = answer.text;
      showTexts(place, answer);
      place.stats.textContent = numbers(answer, place.named);
      return place.element;
    });
    return make('li', { class: entry.kind }, asked(entry.kind, entry.question), make('div', { class: 'answers' }, ...places));
  }));
}

async function submit(event) {
  event.preventDefault();
  if (running) return; // the question stays until it can be asked
  calm();
  const question = $('question').value.trim();
  try {
    $('question').value = '';
    await run(mode(), question);
  } catch (error) {
    $('question').value = question;
    complain(error);
  }
}

/**
 * Begins to write.
 *
 * @param all models of the server
 * @param listener is given a session that has another answer
 */
export function begin(all, listener) {
  models = all.filter(writes);
  changed = listener;
  const note = () => {
    $('mode-text').textContent = NOTES[mode()];
    $('question').placeholder = mode() === 'caption' ? 'a picture of …' : 'What do you want to know?';
  };
  note();
  $('ask-form').addEventListener('change', note);
  $('ask-form').addEventListener('submit', submit);
  $('stop').addEventListener('click', stop);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && running) stop();
  });
  for (const model of models.slice(1)) {
    $('compare').append(make('label', {}, make('input', { type: 'checkbox', value: model.model }), ` ${model.model}: ${precision(model)}`));
    $('compare').hidden = false;
  }
}

/** Whether there is a model that writes. */
export function able() {
  return models.length > 0;
}
