// How texts are generated, in Transformers' names; kept in this browser.
import { $ } from './dom.js';
import { always } from './remembered.js';

const KEY = 'settings';
const form = $('settings');

function search() {
  return new FormData(form).get('search');
}

function show() {
  const chosen = search();
  for (const label of form.querySelectorAll('[data-for]')) {
    label.hidden = !label.dataset.for.split(' ').includes(chosen);
    label.querySelector('input').disabled = label.hidden; // what is not seen stops no question
  }
}

function save() {
  const names = [...form.elements].map((field) => field.name).filter(Boolean);
  always.set(KEY, JSON.stringify(Object.fromEntries(names.map((name) => [name, form.elements[name].value]))));
}

/** Takes up what was set the last time, and heeds changes. */
export function begin(limits) {
  form.elements.max_new_tokens.max = limits.new_tokens;
  form.elements.num_return_sequences.max = Math.min(8, limits.texts);
  try {
    for (const [name, value] of Object.entries(JSON.parse(always.get(KEY)) ?? {})) {
      if (form.elements[name]) form.elements[name].value = value;
    }
  } catch {
    // Nothing that this page has written; the next change writes it anew.
  }
  show();
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    show();
    save();
  });
}

/** The options of a request; fields that the way of searching has no use for are left out. */
export function options() {
  if (!form.checkValidity()) {
    form.closest('details').open = true;
    form.reportValidity();
    throw new Error('A setting of “How it writes” is out of range.');
  }
  const chosen = search();
  const options = { do_sample: chosen === 'sampling' };
  for (const input of form.querySelectorAll('input[type=number]')) {
    if (input.value !== '' && !input.disabled) options[input.name] = Number(input.value);
  }
  if (chosen === 'beams' && options.num_return_sequences > options.num_beams) {
    options.num_return_sequences = options.num_beams;
  }
  return options;
}

/** Whether an answer with these options can come piece by piece. */
export function streams(options) {
  return (options.num_beams ?? 1) === 1 && (options.num_return_sequences ?? 1) === 1;
}
