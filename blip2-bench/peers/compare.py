"""Runs the reference and this library's sides in turn on one checkpoint and picture, and prints medians and ratios.

    python compare.py MODEL IMAGE [--rounds 2] [--runs 3] [--sides reference onnx djl onnx:int4 …] [--questions] [--json FILE]

A side is `reference`, or BACKEND[:PRECISIONS][/LAYOUT][+DRAFT], such as onnx:int8,float32,int4 or onnx/packed+int4.
A round starts each side as processes of its own, so that one machine's moods fall on all of them. The first caption
or question of a process warms up and does not count. With --questions each side also answers a question about the
picture twice; the reference encodes it each time. "load" is until a picture can be encoded: this library opens its
language model beside that. Needs what reference.py needs.
"""
import argparse, json, os, re, statistics, subprocess, sys

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("image")
ap.add_argument("--rounds", type=int, default=2); ap.add_argument("--runs", type=int, default=3)
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--sides", nargs="+", default=["reference", "onnx", "djl", "djl:float16", "onnx:int4", "onnx:int8,float32,int4", "onnx+int4"])
ap.add_argument("--questions", action="store_true"); ap.add_argument("--json")
a = ap.parse_args()
assert a.runs >= 2, "--runs must be at least 2: the first warms up"
STAGES = ["total", "preprocessing", "vision", "qformer", "prefill", "decode"]
common = ["--runs", str(a.runs), "--threads", str(a.threads)]


def command(side, what):
    if side == "reference":
        script = "reference.py" if what == "caption" else "questions.py"
        return [sys.executable, f"{here}/{script}", a.model, a.image] + common
    backend, precision, layout, draft = re.fullmatch(r"(\w+)(?::([\w,-]+))?(?:/(\w+))?(?:\+([\w-]+))?", side).groups()
    options = [["--precision", precision], ["--weights", layout], ["--draft", draft]]
    turns = ["--turns", "0"] if what == "questions" else []
    return [f"{here}/../run", what, "--model", a.model, "--image", a.image, "--backend", backend] + common + turns + [x for o in options if o[1] for x in o]


results = {side: {} for side in a.sides}


def note(side, key, value): results[side].setdefault(key, []).append(value)


for round in range(a.rounds):
    for side in a.sides:
        for what in ["caption"] + ["questions"] * a.questions:
            out = subprocess.run(command(side, what), capture_output=True, text=True, check=True).stdout
            for line in out.splitlines():
                print(f"[{round + 1} {side}] {line}", flush=True)
                if line.startswith("caption total"):
                    for stage in STAGES: note(side, stage, float(re.search(rf"{stage} ([\d.]+)", line)[1]))
                    note(side, "ms a token", float(re.search(r"\((\d+) ms", line)[1]))
                if load := re.search(r"load ([\d.]+) s", line): note(side, "load", float(load[1]))
                elif peak := re.search(r"peak ([\d.]+) GB", line): note(side, "peak GB", float(peak[1]))
                if asked := re.match(r"measured question ([\d.]+)", line):
                    note(side, "first question", float(asked[1])); note(side, "second question", float(asked[1]))
                if asked := re.match(r"measured first question ([\d.]+) s, second question ([\d.]+)", line):
                    note(side, "first question", float(asked[1])); note(side, "second question", float(asked[2]))

keys = ["load"] + STAGES + ["ms a token"] + ["first question", "second question"] * a.questions + ["peak GB"]
medians = {side: {k: statistics.median(r[k]) for k in keys} for side, r in results.items()}
print("\nmedians of", {s: len(r["total"]) for s, r in results.items()}, "captions, seconds")
print("| | " + " | ".join(keys) + " |\n|" + " --- |" * (len(keys) + 1))
for side, m in medians.items(): print(f"| {side} | " + " | ".join(f"{m[k]:.3g}" for k in keys) + " |")
for side in a.sides[1:]:
    print(f"| {a.sides[0]} / {side} | " + " | ".join(f"{medians[a.sides[0]][k] / max(1e-9, medians[side][k]):.2f}×" for k in keys) + " |")
if a.json:
    with open(a.json, "w") as file: json.dump({"medians": medians, "all": results}, file, indent=1)
