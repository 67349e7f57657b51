// The small things that a browser keeps for a page, or refuses to: then they last until a reload.

function storage(name) {
  const here = new Map();
  const attempt = (task) => {
    try {
      return task(window[name]); // to look at it may throw already
    } catch {
      return null;
    }
  };
  return {
    get: (key) => attempt((kept) => kept.getItem(key)) ?? here.get(key) ?? null,
    set: (key, value) => {
      here.set(key, value);
      attempt((kept) => kept.setItem(key, value));
    },
  };
}

/** For good. */
export const always = storage('localStorage');

/** While the tab is open. */
export const inThisTab = storage('sessionStorage');
