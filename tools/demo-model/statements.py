"""Statements about a scene, true or false by construction: the texts of the model that matches images and texts.

A statement is (text, atoms); an atom is ("object", color or None, shape or None), ("relation", left object, words, right
object), ("ground", name) or ("count", number). A text is true of a scene if every atom is; objects may be named in any order.
"""
from scenes import *

FRAMES = ["{}"] * 7 + ["a picture of {}", "a photo of {}", "a drawing of {}", "there is {}", "this is a picture of {}"]
OPPOSITE = {"to the left of": "to the right of", "to the right of": "to the left of", "above": "below", "below": "above"}
COLOR_NAMES, GROUND_NAMES = list(COLORS), list(BACKGROUNDS)


def kind(o): return o["color"], o["shape"]


def words(color, shape):
    noun = f"{color or ''} {shape or 'shape'}".strip()
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def render(atoms):
    """The words of atoms of the same kind, joined as the captions join them."""
    named = [a for a in atoms if a[0] == "object"]
    if atoms[0][0] == "relation": return f"{words(*atoms[0][1])} {atoms[0][2]} {words(*atoms[0][3])}"
    if atoms[0][0] == "count": return f"{COUNTS[atoms[0][1]]} shape" + "s" * (atoms[0][1] > 1)
    if atoms[0][0] == "ground": return f"a {atoms[0][1]} background"
    text = ", ".join(words(*a[1:]) for a in named[:-1]) + " and " * (len(named) > 1) + words(*named[-1][1:])
    ground = [a for a in atoms if a[0] == "ground"]
    return text + (f" on a {ground[0][1]} background" if ground else "")


def holds(atom, background, objects):
    """True, False, or None where the scene leaves it in doubt (an axis along which the two objects differ less)."""
    if atom[0] == "count": return atom[1] == len(objects)
    if atom[0] == "ground": return atom[1] == background
    if atom[0] == "object": return any(atom[1] in (None, c) and atom[2] in (None, s) for c, s in map(kind, objects))
    a, b = ([o for o in objects if kind(o) == k] for k in (atom[1], atom[3]))
    if not a or not b: return False
    is_so = relation(a[0], b[0])
    return True if is_so == atom[2] else False if OPPOSITE[is_so] == atom[2] else None


def true_of(atoms, background, objects):
    values = [holds(a, background, objects) for a in atoms]
    return False if False in values else None if None in values else True


def caption_atoms(background, objects):
    """The atoms of the scene's caption."""
    if len(objects) == 1: return [("object", *kind(objects[0])), ("ground", background)]
    if len(objects) == 2: return [("relation", kind(objects[0]), relation(*objects), kind(objects[1]))]
    return [("object", *kind(o)) for o in objects]


def truth(rng, background, objects):
    """Atoms of one true statement."""
    some = rng.sample(objects, rng.randint(1, len(objects)))
    choice = rng.choice(["caption"] * 3 + ["objects"] * 4 + ["relation"] * 4 * (len(objects) > 1) + ["part", "ground", "count"])
    if choice == "caption": return caption_atoms(background, objects)
    if choice == "objects":
        return [("object", *kind(o)) for o in some] + [("ground", background)] * (len(some) == 1 and rng.random() < .4)
    if choice == "relation":
        a, b = rng.sample(objects, 2)
        return [("relation", kind(a), relation(a, b), kind(b))]
    if choice == "part": return [("object", *rng.choice([(some[0]["color"], None), (None, some[0]["shape"])]))]
    return [("ground", background)] if choice == "ground" else [("count", len(objects))]


def vertical(rng, background, objects):
    """Atoms of a true statement with above or below, if there is one."""
    pairs = [(a, b) for a in objects for b in objects if a is not b and relation(a, b) in ("above", "below")]
    if not pairs: return None
    a, b = rng.choice(pairs)
    return [("relation", kind(a), relation(a, b), kind(b))]


def other(rng, value, values): return rng.choice([v for v in values if v != value])


def changed_object(rng, color, shape):
    change = rng.choice([c for c, v in (("color", color), ("shape", shape)) if v])
    return (other(rng, color, COLOR_NAMES), shape) if change == "color" else (color, other(rng, shape, SHAPES))


def altered(rng, atom):
    if atom[0] == "count": return "count", other(rng, atom[1], COUNTS)
    if atom[0] == "ground": return "ground", other(rng, atom[1], GROUND_NAMES)
    if atom[0] == "object": return "object", *changed_object(rng, *atom[1:])
    how = rng.choice(["words", "words", "turn", "left", "right", "swap"])
    a, said, b = atom[1:]
    if how == "words": return "relation", a, OPPOSITE[said], b
    if how == "turn": return "relation", b, said, a
    if how == "swap": return "relation", (b[0], a[1]), said, (a[0], b[1])
    return ("relation", changed_object(rng, *a), said, b) if how == "left" else ("relation", a, said, changed_object(rng, *b))


def falsehood(rng, atoms, background, objects):
    """Atoms that differ from true ones in a single thing (or in whose color is whose) and are false."""
    while True:
        atoms_now, i = list(atoms), rng.randrange(len(atoms))
        named = [j for j, a in enumerate(atoms) if a[0] == "object" and a[1] and a[2]]
        if len(named) > 1 and rng.random() < .3:
            j, k = rng.sample(named, 2)
            atoms_now[j], atoms_now[k] = ("object", atoms[k][1], atoms[j][2]), ("object", atoms[j][1], atoms[k][2])
        else: atoms_now[i] = altered(rng, atoms[i])
        if true_of(atoms_now, background, objects) is False and len(set(map(str, atoms_now))) == len(atoms_now): return atoms_now


def framed(rng, atoms):
    return (rng.choice(FRAMES) if atoms[0][0] in ("object", "relation") else "{}").format(render(atoms))
