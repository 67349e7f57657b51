// Puts the page together.
import * as about from './about.js';
import { takeTokens } from './api.js';
import { complain } from './dom.js';
import * as heatmap from './heatmap.js';
import * as history from './history.js';
import * as scores from './scores.js';
import * as settings from './settings.js';
import * as source from './source.js';
import * as writing from './writing.js';

function show(session) {
  source.show(session?.blob ?? null, session?.name);
  heatmap.forImage(session?.blob ?? null);
  writing.show(session);
  scores.clear();
}

/** A new image is shown at once, and described by a model that writes; one that matches reads it. */
async function taken(blob, name) {
  const started = performance.now();
  const before = history.current();
  const session = history.create(blob, name);
  show(session);
  try {
    if (writing.able()) {
      await writing.run('caption', '', started);
    } else {
      await scores.read(session);
      await history.keep(session);
    }
  } catch (error) {
    complain(error);
    if (!writing.able() && error.code !== 'invalid_image') await history.keep(session); // it may be read later
    if (history.current() === session && session.log.length === 0 && error.code === 'invalid_image') {
      if (before) history.open(before);
      else show(null);
    }
  }
}

let begun = false;

async function begin() {
  if (begun) return;
  const models = await about.models();
  begun = true;
  about.show(models[0]);
  settings.begin(models[0].limits);
  writing.begin(models, history.keep);
  scores.begin(models, history, taken);
  heatmap.begin();
  source.begin(models[0].limits.body_bytes, taken);
  await history.begin(show);
  document.documentElement.dataset.ready = 'true';
}

about.themes();
takeTokens(() => begin().catch(complain));
begin().catch(complain);
