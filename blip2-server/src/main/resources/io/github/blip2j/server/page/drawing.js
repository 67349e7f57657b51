// A board to draw on with a pointer or the keyboard, in the colours that the built-in model knows.
import { $, make, say } from './dom.js';

const SIDE = 448;
const COLORS = {
  red: '#d22828', green: '#28a03c', blue: '#2d4bd7', yellow: '#f0d728', purple: '#8c32aa', orange: '#f08219',
};
const GROUNDS = { white: '#f8f8f8', gray: '#969696', black: '#101010' };
const SHAPES = ['circle', 'square', 'triangle', 'star'];
const STEP = 16;

const board = $('drawing');
let marks = []; // what has been drawn, so that it can be undone
let ground = 'white';
let pen = { x: SIDE / 2, y: SIDE / 2 };
let stroke = null;

function path(shape, x, y, radius) {
  const line = new Path2D();
  if (shape === 'circle') {
    line.arc(x, y, radius, 0, 2 * Math.PI);
    return line;
  }
  const corners = { square: 4, triangle: 3, star: 10 }[shape];
  for (let i = 0; i < corners; i++) {
    const angle = (shape === 'square' ? Math.PI / 4 : -Math.PI / 2) + i * 2 * Math.PI / corners;
    const far = radius * (shape === 'square' ? 1.2 : i % 2 && shape === 'star' ? 0.5 : 1.25);
    line.lineTo(x + far * Math.cos(angle), y + far * Math.sin(angle));
  }
  line.closePath();
  return line;
}

function put(context, mark) {
  if (mark.points) {
    context.strokeStyle = mark.color;
    context.lineWidth = mark.size / 3;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    mark.points.forEach(([x, y]) => context.lineTo(x, y));
    if (mark.points.length === 1) context.lineTo(mark.points[0][0] + 0.1, mark.points[0][1]);
    context.stroke();
  } else {
    context.fillStyle = mark.color;
    context.fill(path(mark.shape, mark.x, mark.y, mark.size));
  }
}

function paint(canvas, background, all, cursor) {
  const context = canvas.getContext('2d');
  context.fillStyle = background;
  context.fillRect(0, 0, SIDE, SIDE);
  all.forEach((mark) => put(context, mark));
  if (cursor) {
    context.setLineDash([4, 4]);
    context.strokeStyle = '#e4572e';
    context.lineWidth = 2;
    context.strokeRect(pen.x - 9, pen.y - 9, 18, 18);
    context.setLineDash([]);
  }
}

function repaint() {
  paint(board, GROUNDS[ground], marks, document.activeElement === board && board.matches(':focus-visible'));
}

const chosen = (name) => document.querySelector(`#board input[name=${name}]:checked`).value;
const size = () => Number($('size').value);

function mark(x, y) {
  const tool = chosen('tool');
  const color = COLORS[chosen('color')];
  return tool === 'brush'
    ? { points: [[x, y]], color, size: size() }
    : { shape: tool, x, y, color, size: size() };
}

function place(event) {
  const box = board.getBoundingClientRect();
  return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
}

function pointers() {
  board.addEventListener('pointerdown', (event) => {
    board.setPointerCapture(event.pointerId);
    stroke = mark(...place(event));
    marks.push(stroke);
    repaint();
  });
  board.addEventListener('pointermove', (event) => {
    if (!stroke) return;
    const [x, y] = place(event);
    if (stroke.points) stroke.points.push([x, y]);
    else Object.assign(stroke, { x, y }); // a shape is dragged to its place
    repaint();
  });
  const end = () => {
    stroke = null;
  };
  board.addEventListener('pointerup', end);
  board.addEventListener('pointercancel', end);
}

function keys() {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  board.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    if (move) {
      const step = event.shiftKey ? 4 * STEP : STEP;
      pen.x = Math.max(0, Math.min(SIDE, pen.x + move[0] * step));
      pen.y = Math.max(0, Math.min(SIDE, pen.y + move[1] * step));
    } else if (event.key === ' ' || event.key === 'Enter') {
      marks.push(mark(pen.x, pen.y));
      say(`A ${chosen('color')} ${chosen('tool')}, ${Math.round(100 * pen.x / SIDE)} % from the left, `
        + `${Math.round(100 * pen.y / SIDE)} % from the top.`);
    } else {
      return;
    }
    event.preventDefault();
    repaint();
  });
  board.addEventListener('focus', repaint);
  board.addEventListener('blur', repaint);
}

function choices(id, name, values, first) {
  $(id).append(...values.map((value) => make('label', { title: value },
    make('input', { type: 'radio', name, value, checked: value === first }),
    make('span', { class: `swatch ${name}-${value}`, text: name === 'tool' ? value : '' }),
    ...(name === 'tool' ? [] : [make('span', { class: 'unseen', text: value })]))));
}

export function begin() {
  choices('tools', 'tool', ['brush', ...SHAPES], 'circle');
  choices('colors', 'color', Object.keys(COLORS), 'red');
  choices('grounds', 'ground', Object.keys(GROUNDS), 'white');
  $('grounds').addEventListener('change', () => {
    ground = chosen('ground');
    repaint();
  });
  $('undo').addEventListener('click', () => {
    marks.pop();
    repaint();
  });
  pointers();
  keys();
  repaint();
}

const png = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));

/** What has been drawn, as a file. */
export function image() {
  const canvas = make('canvas', { width: SIDE, height: SIDE });
  paint(canvas, GROUNDS[ground], marks, false);
  return png(canvas);
}

const any = (list) => list[Math.floor(Math.random() * list.length)];

/** A scene as the built-in model knows them: shapes apart from each other. */
export function sample() {
  const canvas = make('canvas', { width: SIDE, height: SIDE });
  const placed = [];
  const wanted = 1 + Math.floor(Math.random() * 3);
  for (let tries = 0; placed.length < wanted && tries < 500; tries++) {
    const radius = SIDE * (0.14 + 0.06 * Math.random());
    const range = SIDE - 2.6 * radius;
    const one = {
      shape: any(SHAPES), color: COLORS[any(Object.keys(COLORS))], size: radius,
      x: 1.3 * radius + range * Math.random(), y: 1.3 * radius + range * Math.random(),
    };
    const apart = placed.every((other) => {
      const [dx, dy] = [Math.abs(one.x - other.x), Math.abs(one.y - other.y)];
      return Math.hypot(dx, dy) > (one.size + other.size) * 1.3 && dx > 0.07 * SIDE
        && (one.shape !== other.shape || one.color !== other.color);
    });
    if (apart) placed.push(one);
  }
  paint(canvas, GROUNDS[any(Object.keys(GROUNDS))], placed, false);
  return png(canvas);
}
