// Which models there are, what they run in, and how the page looks.
import { get } from './api.js';
import { $, bytes, make } from './dom.js';
import { always } from './remembered.js';

const THEMES = ['auto', 'light', 'dark'];

/** A model of the server, as the page uses it: where its API is, and what the server says of it. */
async function ask(path) {
  return { path, ...(await get(`${path}/api/model`)) };
}

/** All models of the server, the main one first. */
export async function models() {
  const main = await ask('');
  const others = await Promise.all(main.further.map((other) => ask(other.path)));
  return [main, ...others];
}

export const writes = (model) => model.capabilities.includes('generate');
export const matches = (model) => model.capabilities.includes('match');

/** The precisions in as few words as will do. */
export function precision(model) {
  const { vision, qformer, language } = model.precisions;
  if (matches(model)) return vision === qformer ? vision : `${vision} / ${qformer}`;
  return vision === qformer && qformer === language ? vision : `${vision} / ${qformer} / ${language}`;
}

/** What stands at the top: the main model and the memory of the server. */
export function show(model) {
  const chips = [model.model, `${model.backend} on ${model.device}`, precision(model)];
  if (model.memory) chips.push(`${bytes(model.memory.resident_bytes)} in memory`);
  $('model').replaceChildren(...chips.map((text, i) =>
    make('span', { text, ...(i === 0 && { title: `checkpoint ${model.checkpoint}` }) })));
}

/** Memory changes while texts are written. */
export async function refresh(main) {
  try {
    show(await ask(main.path));
  } catch {
    // The next request says what is wrong.
  }
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  $('theme').textContent = `Theme: ${name}`;
}

export function themes() {
  const kept = always.get('theme');
  theme(THEMES.includes(kept) ? kept : 'auto');
  $('theme').addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    always.set('theme', next);
    theme(next);
  });
}
