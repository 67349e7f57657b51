// Where the Q-Former looked, over the image.
import { post } from './api.js';
import { $, complain, make } from './dom.js';

// Black, violet, red, orange, yellow: bright where it looked most, in colours that the colour-blind tell apart.
const RAMP = [[8, 6, 24], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]];
const canvas = $('heat');
let known = null; // the answer for the image that is shown
let beside = ''; // the text that it was read with
let blob = null;

function color(share) {
  const at = share * (RAMP.length - 1);
  const from = Math.min(RAMP.length - 2, Math.floor(at));
  return RAMP[from].map((low, i) => Math.round(low + (RAMP[from + 1][i] - low) * (at - from)));
}

function chosen() {
  const [kind, index] = $('heat-part').value.split(':');
  return kind === 'map' ? known.map : known[kind][Number(index)];
}

function paint() {
  const map = chosen();
  const all = map.flat();
  const least = Math.min(...all);
  const most = Math.max(...all);
  const cells = new ImageData(known.side, known.side);
  all.forEach((value, i) => {
    const share = most > least ? (value - least) / (most - least) : 0;
    cells.data.set([...color(share), 40 + 170 * share], 4 * i);
  });
  canvas.width = known.side;
  canvas.height = known.side;
  canvas.getContext('2d').putImageData(cells, 0, 0);
  canvas.hidden = false;
  $('heat-text').textContent = (beside ? `With “${beside}”: ` : '') + words(map, all.indexOf(most));
}

function words(map, at) {
  const side = map.length;
  const third = (index) => Math.min(2, Math.floor(3 * index / side));
  const rows = ['top', 'middle', 'bottom'];
  const columns = ['left', 'centre', 'right'];
  const sum = map.flat().reduce((a, b) => a + b, 0);
  return `It looked most at the ${rows[third(Math.floor(at / side))]} ${columns[third(at % side)]}; `
    + `${Math.round(100 * sum)} % of its attention went to patches.`;
}

function parts() {
  const option = (value, text) => make('option', { value, text });
  const select = $('heat-part');
  select.replaceChildren(option('map', 'all of it'),
    ...known.layers.map((_, i) => option(`layers:${i}`, `block ${i + 1} of ${known.layers.length}`)),
    ...known.queries.map((_, i) => option(`queries:${i}`, `query ${i + 1} of ${known.queries.length}`)));
  select.disabled = false;
}

function hide() {
  canvas.hidden = true;
  $('heat-text').textContent = '';
  $('heat-part').disabled = true;
  $('heat-toggle').setAttribute('aria-pressed', 'false');
  if (beside) known = null; // the next time it is looked at alone
  beside = '';
}

/** Another image is shown, or none. */
export function forImage(shown) {
  blob = shown;
  known = null;
  hide();
  $('heat-controls').hidden = !shown;
}

async function toggle() {
  if ($('heat-toggle').getAttribute('aria-pressed') === 'true') {
    hide();
    return;
  }
  const asked = blob;
  $('heat-toggle').disabled = true;
  try {
    const answer = known ?? await post('/api/attention', asked);
    if (asked === blob) reveal(answer);
  } catch (error) {
    complain(error);
  } finally {
    $('heat-toggle').disabled = false;
  }
}

function reveal(answer) {
  known = answer;
  parts();
  paint();
  $('heat-toggle').setAttribute('aria-pressed', 'true');
}

/** Shows where it looked while it read a text. */
export function withText(answer, text) {
  beside = text;
  reveal(answer);
}

export function begin() {
  $('heat-toggle').addEventListener('click', toggle);
  $('heat-part').addEventListener('change', paint);
}
