"""Generated scenes of coloured shapes, with captions, questions and answers: the world of the demo checkpoint."""
import math
from PIL import Image, ImageDraw

COLORS = {"red": (210, 40, 40), "green": (40, 160, 60), "blue": (45, 75, 215),
          "yellow": (240, 215, 40), "purple": (140, 50, 170), "orange": (240, 130, 25)}
BACKGROUNDS = {"white": (248, 248, 248), "gray": (150, 150, 150), "black": (16, 16, 16)}
SHAPES = ["circle", "square", "triangle", "star"]
COUNTS = {1: "one", 2: "two", 3: "three"}
MAX_OBJECTS = 3
SIZES = [112, 112, 112, 160, 224]


def jitter(rng, color, k):
    return tuple(max(0, min(255, v + rng.randint(-k, k))) for v in color)


def outline(shape, cx, cy, r, turn):
    """Corners of a polygon, in pixels."""
    def at(angle, q): return cx + q * math.cos(angle + turn), cy + q * math.sin(angle + turn)
    if shape == "square":
        return [at(math.pi / 4 + i * math.pi / 2, r * 1.2) for i in range(4)]
    if shape == "triangle":
        return [at(-math.pi / 2 + i * 2 * math.pi / 3, r * 1.25) for i in range(3)]
    return [at(-math.pi / 2 + i * math.pi / 5, r * (1.25 if i % 2 == 0 else .5)) for i in range(10)]


def clear(objects, o):
    """Whether o may join the others: apart, no twin, and no doubt about who is further left."""
    for p in objects:
        dx, dy = abs(o["x"] - p["x"]), abs(o["y"] - p["y"])
        if math.hypot(dx, dy) < (o["r"] + p["r"]) * 1.3 or dx < .07: return False
        if abs(dx - dy) < .08 or (o["shape"], o["color"]) == (p["shape"], p["color"]): return False
    return True


def layout(rng):
    """Returns (background name, objects sorted left to right); coordinates and radii are shares of the picture's side."""
    while True:
        count = rng.choices([1, 2, 3], [2, 4, 4])[0]
        objects = []
        for _ in range(60):
            r = rng.uniform(.14, .2) * (1.2 if count == 1 else 1)
            o = dict(r=r, x=rng.uniform(r * 1.3, 1 - r * 1.3), y=rng.uniform(r * 1.3, 1 - r * 1.3),
                     shape=rng.choice(SHAPES), color=rng.choice(list(COLORS)))
            if clear(objects, o): objects.append(o)
            if len(objects) == count:
                return rng.choice(list(BACKGROUNDS)), sorted(objects, key=lambda o: o["x"])


def draw(rng, background, objects, size):
    side = size * 2
    picture = Image.new("RGB", (side, side), jitter(rng, BACKGROUNDS[background], 7))
    pen = ImageDraw.Draw(picture)
    for o in objects:
        cx, cy, r = o["x"] * side, o["y"] * side, o["r"] * side
        fill = jitter(rng, COLORS[o["color"]], 12)
        if o["shape"] == "circle": pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=fill)
        else: pen.polygon(outline(o["shape"], cx, cy, r, rng.uniform(-.1, .1)), fill=fill)
    return picture.resize((size, size), Image.BICUBIC)


def scene(rng, size=None):
    """Returns (PIL image, background name, objects sorted left to right)."""
    background, objects = layout(rng)
    return draw(rng, background, objects, size or rng.choice(SIZES)), background, objects


def name(o):
    return ("an " if o["color"][0] in "aeiou" else "a ") + f"{o['color']} {o['shape']}"


def relation(a, b):
    dx, dy = a["x"] - b["x"], a["y"] - b["y"]
    if abs(dx) >= abs(dy): return "to the left of" if dx < 0 else "to the right of"
    return "above" if dy < 0 else "below"


def caption(background, objects):
    if len(objects) == 1: return f"{name(objects[0])} on a {background} background"
    if len(objects) == 2: return f"{name(objects[0])} {relation(*objects)} {name(objects[1])}"
    return ", ".join(name(o) for o in objects[:-1]) + " and " + name(objects[-1])


def question(rng, background, objects):
    """One random question with its answer."""
    shapes, colors = [o["shape"] for o in objects], [o["color"] for o in objects]
    by_shape = [o for o in objects if shapes.count(o["shape"]) == 1]
    by_color = [o for o in objects if colors.count(o["color"]) == 1]
    kinds = ["count", "background", "shape?", "object?"] + ["color"] * 3 * bool(by_shape) + ["shape"] * 3 * bool(by_color)
    kinds += ["where", "where"] * (len(objects) == 2) + ["side"] * (len(objects) >= 2)
    kind = rng.choice(kinds)
    if kind == "count": return "how many shapes are there?", COUNTS[len(objects)]
    if kind == "background": return rng.choice(["what color is the background?", "what is the background color?"]), background
    if kind == "shape?":
        shape = rng.choice(SHAPES if rng.random() < .5 else shapes)
        return f"is there a {shape}?", "yes" if shape in shapes else "no"
    if kind == "object?":
        o = rng.choice(objects) if rng.random() < .5 else dict(shape=rng.choice(SHAPES), color=rng.choice(list(COLORS)))
        there = any((p["shape"], p["color"]) == (o["shape"], o["color"]) for p in objects)
        return f"is there {name(o)}?", "yes" if there else "no"
    if kind == "color":
        o = rng.choice(by_shape)
        return f"what color is the {o['shape']}?", o["color"]
    if kind == "shape":
        o = rng.choice(by_color)
        return rng.choice(["what shape is {}?", "what is {}?"]).format(o["color"]), o["shape"]
    if kind == "where":
        a, b = objects if rng.random() < .5 else objects[::-1]
        return f"where is the {a['color']} {a['shape']}?", f"{relation(a, b)} the {b['color']} {b['shape']}"
    return rng.choice([("what is on the left?", name(objects[0])), ("what is on the right?", name(objects[-1]))])


PROMPTS = ["", "", "", "a picture of", "this is a drawing of", "there is", "this is a picture of", "I can see"]


def texts(rng, background, objects, count):
    """(prompt, completion) pairs: one caption, the others questions, some in a later turn of a conversation."""
    rows = [(rng.choice(PROMPTS), caption(background, objects))]
    for _ in range(count - 1):
        history = ""
        for _ in range(rng.choices([0, 1, 2], [6, 3, 1])[0]):
            q, a = question(rng, background, objects)
            history += f"Question: {q} Answer: {a}. "
        q, a = question(rng, background, objects)
        rows.append((f"{history}Question: {q} Answer:", a))
    return rows
