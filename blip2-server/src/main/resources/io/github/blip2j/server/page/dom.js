// Small things that every part of the page needs.

/** The element of an id, which must be there. */
export function $(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/**
 * Makes an element. Attributes are set as they are; `text`, `class` and `on…` as one expects. What
 * comes from users or models only ever becomes text.
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Tells screen readers something that everybody else sees. */
export function say(text) {
  $('status').textContent = text;
}

/** Shows what went wrong, until the next thing goes right. */
export function complain(error) {
  if (error.name === 'AbortError') return;
  $('alert').textContent = error.message;
  $('alert').hidden = false;
}

export function calm() {
  $('alert').hidden = true;
}

/** A number as people read it, with so many digits behind the point. */
export function shown(number, digits = 0) {
  return (number + 0).toLocaleString('en', { maximumFractionDigits: digits }).replace(/^-0$/, '0');
}

/** Bytes as people read them. */
export function bytes(count) {
  const mebibytes = count / 2 ** 20;
  return mebibytes < 1024 ? `${shown(mebibytes)} MiB` : `${shown(mebibytes / 1024, 1)} GiB`;
}

/** Rows of a bar chart: text, share from 0 to 1, what stands beside it, and what a button does. */
export function bars(list, rows) {
  list.replaceChildren(...rows.map(({ text, share, label, further, look }) => {
    const bar = make('span', { class: 'bar' });
    bar.style.setProperty('--share', String(Math.max(0, Math.min(1, share))));
    return make('li', {},
      make('span', { class: 'what', text }),
      make('span', { class: 'share', text: label }),
      bar,
      ...(further ? [make('span', { class: 'note', text: further })] : []),
      ...(look ? [make('button', { type: 'button', class: 'quiet', text: 'Where', 'aria-label': `Where it looked for: ${text}`, onclick: look })] : []));
  }));
}

/** Non-empty lines of a text. */
export function lines(text) {
  return text.split('\n').map((line) => line.trim()).filter(Boolean);
}
