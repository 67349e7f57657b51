// Candidates ranked, texts matched with the image, and a search over the images of the history.
import { post } from './api.js';
import { $, bars, calm, complain, lines, make, shown } from './dom.js';
import { matches, writes } from './about.js';
import * as heatmap from './heatmap.js';
import { withImage } from './writing.js';

let writer = null;
let matcher = null;
let current = () => null; // the session that is shown
let sessions = async () => []; // all of the history
let open = () => {}; // shows another
let taken = () => {}; // takes a new image
const inIndex = () => !$('where').hidden && new FormData($('search-form')).get('where') === 'index';
const vectors = new Map(); // of images, by session

function form(id, task) {
  $(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    calm();
    const button = event.submitter ?? $(id).querySelector('button');
    button.disabled = true;
    try {
      await task();
    } catch (error) {
      complain(error);
    } finally {
      button.disabled = false;
    }
  });
}

function image() {
  const session = current();
  if (!session) throw new Error('There is no image yet: drop, paste, choose, photograph or draw one.');
  return session;
}

function wanted(id) {
  const texts = lines($(id).value);
  if (texts.length === 0) throw new Error('There is no text yet: write one a line.');
  return texts;
}

async function rank() {
  const session = image();
  const candidates = wanted('candidates');
  const prompt = $('rank-prompt').value.trim();
  const answer = await withImage(session, writer, (id) => post(`${writer.path}/api/rank`, {
    image_id: id, candidates, length_normalized: $('normalized').checked, ...(prompt && { prompt }),
  }));
  if (session !== current()) return; // another image has come meanwhile
  bars($('ranking'), answer.candidates.map((one) => ({
    text: one.text, share: one.probability, label: `${shown(100 * one.probability, 1)} %`,
    further: `log probability ${shown(one.log_probability, 2)}`,
  })));
}

async function match() {
  const session = image();
  const texts = wanted('texts');
  const answer = await withImage(session, matcher, (id) =>
    post(`${matcher.path}/api/match`, { image_id: id, texts }));
  if (session !== current()) return;
  const rows = [...answer.matches].sort((a, b) => b.itm_probability - a.itm_probability);
  bars($('matches'), rows.map((one) => ({
    text: one.text, share: one.itm_probability, label: `${shown(100 * one.itm_probability, 1)} %`,
    further: `similarity ${shown(one.itc_similarity, 3)}`,
    look: () => look(one.text),
  })));
}

/** Where it looked while it read one of the texts. */
async function look(text) {
  calm();
  const session = image();
  try {
    const answer = await withImage(session, matcher, (id) =>
      post(`${matcher.path}/api/attention`, { image_id: id, text }));
    if (session === current()) heatmap.withText(answer, text);
  } catch (error) {
    complain(error);
  }
}

/** Has a model that matches read a session's image: it refuses what is none. */
export async function read(session) {
  if (matcher) await withImage(session, matcher, async () => {});
}

/** The vectors of a session's image; computed once. */
async function embedded(session) {
  if (!vectors.has(session.id)) {
    const answer = await withImage(session, matcher, (id) => post(`${matcher.path}/api/embed`, { image_id: id }));
    vectors.set(session.id, answer.image);
  }
  return vectors.get(session.id);
}

/** BLIP-2's own similarity: the largest cosine of the text's vector and any of the image's. */
function similarity(image, text) {
  return Math.max(...image.map((query) => query.reduce((sum, value, i) => sum + value * text[i], 0)));
}

/** A session and how well a text describes its image; nothing where the server reads no image in it. */
async function compared(session, text) {
  try {
    return [{ session, score: similarity(await embedded(session), text) }];
  } catch (error) {
    if (error.code !== 'invalid_image') throw error;
    return [];
  }
}

function thumbnail(source, name, score, choose) {
  return make('li', {}, make('button', { type: 'button', class: 'thumb', title: name, onclick: choose },
    ...(source ? [make('img', { src: source, alt: name })] : []),
    make('span', { text: shown(score, 3) }),
    ...(source ? [] : [make('span', { class: 'note', text: name })])));
}

/** A data: URL as a file, by hand: the policy lets no request go to one. */
function file(url) {
  const [head, data] = url.split(',');
  const letters = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return new Blob([letters], { type: head.slice('data:'.length, head.indexOf(';')) });
}

async function searchIndex(text) {
  const { hits } = await post('/api/search', { text });
  $('found').replaceChildren(...hits.map((hit) => thumbnail(hit.image, hit.name, hit.similarity,
    () => hit.image && taken(file(hit.image), hit.name))));
}

async function search() {
  const query = $('query').value.trim();
  if (!query) throw new Error('There is nothing to search for yet.');
  if (inIndex()) {
    await searchIndex(query);
    return;
  }
  const all = await sessions();
  if (all.length === 0) throw new Error('The history has no image yet.');
  const [text] = (await post(`${matcher.path}/api/embed`, { texts: [query] })).texts;
  const found = [];
  for (const session of all) {
    found.push(...await compared(session, text));
  }
  found.sort((a, b) => b.score - a.score);
  $('found').replaceChildren(...found.map(({ session, score }) =>
    thumbnail(session.thumb, session.name || 'image', score, () => open(session))));
}

/** The tabs of the page, which arrow keys move between. */
function tabs() {
  const all = [...document.querySelectorAll('[role=tab]')];
  const choose = (tab) => {
    for (const one of all) {
      const chosen = one === tab;
      one.setAttribute('aria-selected', String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      $(one.getAttribute('aria-controls')).hidden = !chosen;
    }
  };
  for (const tab of all) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const seen = all.filter((one) => !one.hidden);
      const next = seen[(seen.indexOf(tab) + step + seen.length) % seen.length];
      choose(next);
      next.focus();
    });
  }
  if (!writer) choose($('tab-match'));
  for (const tab of all) tab.hidden = !writer && tab.id !== 'tab-match';
}

/**
 * Begins to score.
 *
 * @param models of the server
 * @param history how to ask for sessions, and to show one
 * @param take what takes an image that was found in the server's index
 */
export function begin(models, history, take) {
  writer = models.find(writes) ?? null;
  matcher = models.find(matches) ?? null;
  ({ current, sessions, open } = history);
  taken = take;
  const index = models[0].search;
  if (index) {
    $('where').hidden = false;
    $('query-label').textContent = `What to find among ${index.images} images of the server's index, or in the history`;
  }
  tabs();
  form('rank-form', rank);
  form('match-form', match);
  form('search-form', search);
  $('matching').hidden = !matcher;
  $('no-matching').hidden = Boolean(matcher);
}

/** Another image is shown: earlier results are of another. */
export function clear() {
  $('ranking').replaceChildren();
  $('matches').replaceChildren();
}
