// Where images come from: dropped, pasted, chosen, photographed, drawn.
import { $, calm, complain, make } from './dom.js';
import * as drawing from './drawing.js';
import { bytes } from './dom.js';

let most = Infinity; // bytes of a request
let taken = () => {}; // is given every new image
let url = '';

/** Shows an image, or with null the invitation. */
export function show(blob, name) {
  if (url) URL.revokeObjectURL(url);
  url = blob ? URL.createObjectURL(blob) : '';
  $('board').hidden = true;
  $('draw').setAttribute('aria-expanded', 'false');
  $('shown').hidden = !blob;
  $('invitation').hidden = Boolean(blob);
  $('stage').classList.toggle('empty', !blob);
  if (blob) {
    $('frame').style.removeProperty('--ratio');
    $('image').src = url;
    $('image').alt = name ? `The image in question: ${name}` : 'The image in question';
  } else {
    $('image').removeAttribute('src');
  }
}

/** Takes a file, unless the server would not. */
export function take(blob, name) {
  calm();
  if (blob.size > most) {
    complain(new Error(`The image is too large: it has ${bytes(blob.size)}, and this server takes at most ${bytes(most)}.`));
    return;
  }
  if (blob.size === 0) {
    complain(new Error('The file is empty: an image file is needed.'));
    return;
  }
  taken(blob, name);
}

function firstImage(items) {
  const files = [...items].filter((item) => item.kind === 'file').map((item) => item.getAsFile());
  return files.find((file) => file?.type.startsWith('image/')) ?? files.find(Boolean);
}

function dropping() {
  const stage = $('stage');
  let depth = 0;
  const over = (change) => {
    depth += change;
    stage.classList.toggle('over', depth > 0);
  };
  addEventListener('dragenter', (event) => {
    event.preventDefault();
    over(1);
  });
  addEventListener('dragleave', () => over(-1));
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    over(-depth);
    const file = firstImage(event.dataTransfer.items);
    if (file) take(file, file.name);
    else complain(new Error('Nothing that was dropped is a file: drop an image file.'));
  });
}

function pasting() {
  addEventListener('paste', (event) => {
    const file = firstImage(event.clipboardData?.items ?? []);
    if (!file) return; // text goes where the cursor is
    event.preventDefault();
    take(file, 'pasted image');
  });
}

function choosing() {
  $('choose').addEventListener('click', () => $('file').click());
  for (const id of ['file', 'camera-file']) {
    $(id).addEventListener('change', (event) => {
      const file = event.target.files[0];
      if (file) take(file, file.name);
      event.target.value = '';
    });
  }
}

async function photograph() {
  const video = $('video');
  if (!navigator.mediaDevices?.getUserMedia) {
    $('camera-file').click(); // a phone's camera without a secure connection
    return;
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    $('camera').showModal();
    await video.play();
  } catch {
    darken();
    $('camera-file').click();
  }
}

function darken() {
  $('video').srcObject?.getTracks().forEach((track) => track.stop());
  $('video').srcObject = null;
  if ($('camera').open) $('camera').close();
}

function shoot() {
  const video = $('video');
  if (!video.videoWidth) return; // the camera's first frame is still to come
  const canvas = make('canvas', { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d').drawImage(video, 0, 0);
  darken();
  canvas.toBlob((blob) => take(blob, 'photograph'), 'image/png');
}

function board(open) {
  $('board').hidden = !open;
  $('draw').setAttribute('aria-expanded', String(open));
  const image = Boolean(url);
  $('shown').hidden = open || !image;
  $('invitation').hidden = open || image;
  $('stage').classList.toggle('empty', !open && !image);
  if (open) $('drawing').focus();
}

/**
 * Begins to take images.
 *
 * @param limit bytes that the server takes
 * @param listener is given each image and its name
 */
export function begin(limit, listener) {
  most = limit;
  taken = listener;
  $('image').addEventListener('load', (event) => {
    const { naturalWidth, naturalHeight } = event.target;
    $('frame').style.setProperty('--ratio', String(naturalWidth / naturalHeight));
  });
  dropping();
  pasting();
  choosing();
  drawing.begin();
  $('photograph').addEventListener('click', photograph);
  $('shoot').addEventListener('click', shoot);
  $('camera-close').addEventListener('click', darken);
  $('camera').addEventListener('close', darken);
  $('draw').addEventListener('click', () => board($('board').hidden));
  $('drawn').addEventListener('click', async () => take(await drawing.image(), 'drawing'));
  $('sample').addEventListener('click', async () => take(await drawing.sample(), 'sample'));
}
