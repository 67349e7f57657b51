// Sessions: each an image and its answers. They survive a reload and can be exported.
import { $, complain, make, say } from './dom.js';
import * as store from './store.js';

const THUMB = 96;
let shown = null; // the session that is shown
let show = () => {}; // shows one
const living = new Set(); // ids that may be kept: of sessions shown since the page was opened, and not deleted

export const current = () => shown;
export const sessions = () => store.all();

/** A small image for the list; without one where the browser cannot show the format. */
async function thumb(blob) {
  try {
    const bitmap = await createImageBitmap(blob);
    const scale = THUMB / Math.max(bitmap.width, bitmap.height);
    const canvas = make('canvas', {
      width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)),
    });
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas.toDataURL('image/png');
  } catch {
    return '';
  }
}

/** A new session about an image; kept once a model has read it. */
export function create(blob, name) {
  shown = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, created: Date.now(), name, blob, thumb: '', log: [] };
  living.add(shown.id);
  return shown;
}

/** Keeps a session with what it has now, unless it was deleted meanwhile. */
export async function keep(session) {
  session.thumb ||= await thumb(session.blob);
  if (!living.has(session.id)) return;
  const { ids, encoded, ...kept } = session; // of the server, not the history
  try {
    await store.keep(kept);
    await list();
  } catch (error) {
    lost(error);
  }
}

function lost(error) {
  complain(new Error(`The history cannot be kept: ${error.message || error.name}`));
}

function title(session) {
  return session.log[0]?.answers[0]?.text || session.name || 'image';
}

async function list() {
  const all = await store.all();
  $('history').replaceChildren(...all.map((session) => make('li', { 'aria-current': shown?.id === session.id ? 'true' : undefined },
    make('button', { type: 'button', class: 'thumb', onclick: () => open(session) },
      make('img', { src: session.thumb, alt: '' }),
      make('span', { text: title(session) }),
      make('time', { class: 'note', datetime: new Date(session.created).toISOString(), text: new Date(session.created).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) })),
    make('button', {
      type: 'button', class: 'quiet', 'aria-label': `Delete: ${title(session)}`, text: '×', onclick: () => forget(session).catch(complain),
    }))));
  $('export').disabled = $('clear').disabled = all.length === 0;
}

/** What could not be deleted is there still, and kept on. */
function remains(error) {
  if (shown) living.add(shown.id);
  throw error;
}

async function forget(session) {
  living.delete(session.id);
  await store.forget(session.id).catch(remains);
  if (shown?.id === session.id) {
    shown = null;
    show(null);
  }
  await list();
  say('Deleted.');
}

/** Shows a session of the history. */
export function open(session) {
  shown = session;
  living.add(session.id);
  show(session);
  list().catch(lost);
}

const dataUrl = (blob) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.readAsDataURL(blob);
});

async function exported() {
  const all = await Promise.all((await store.all()).map(async ({ id, created, name, blob, log }) =>
    ({ id, created: new Date(created).toISOString(), name, image: await dataUrl(blob), log })));
  const file = new Blob([JSON.stringify({ format: 'blip2-history', version: 1, sessions: all }, null, 1)], { type: 'application/json' });
  const link = make('a', { href: URL.createObjectURL(file), download: 'blip2-history.json' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function clear() {
  living.clear();
  await store.forgetAll().catch(remains);
  shown = null;
  show(null);
  await list();
}

/** Lists what there is, and shows the newest. */
export async function begin(listener) {
  show = listener;
  $('export').addEventListener('click', exported);
  $('clear').addEventListener('click', () => $('confirm').showModal());
  $('confirm').addEventListener('close', () => {
    if ($('confirm').returnValue === 'yes') clear().catch(complain);
    $('confirm').returnValue = '';
  });
  try {
    const [newest] = await store.all();
    if (newest) open(newest);
    else await list();
  } catch (error) {
    lost(error);
  }
}
