// What the history survives in: one IndexedDB store of sessions, each an image and its answers.

const STORE = 'sessions';

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const opening = indexedDB.open('blip2', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'id' });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  return opened;
}

/** The result of a request once its transaction is over: a full disk is found at the very end. */
async function within(mode, task) {
  const transaction = (await database()).transaction(STORE, mode);
  const made = task(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(made.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('the browser gave up'));
  });
}

/** All sessions, the newest first. */
export async function all() {
  const sessions = await within('readonly', (store) => store.getAll());
  return sessions.sort((a, b) => b.created - a.created);
}

export function keep(session) {
  return within('readwrite', (store) => store.put(session));
}

export function forget(id) {
  return within('readwrite', (store) => store.delete(id));
}

export function forgetAll() {
  return within('readwrite', (store) => store.clear());
}
