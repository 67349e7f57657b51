"""Runs the reference and both backends in turn on one checkpoint and picture, and prints medians and ratios.

    python compare.py MODEL IMAGE [--rounds 3] [--runs 3] [--sides reference onnx djl]

A round starts each side as a process of its own, so that one machine's moods fall on all of them. The first
caption of a process warms up and does not count. Needs what reference.py needs.
"""
import argparse, os, re, statistics, subprocess, sys

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("image")
ap.add_argument("--rounds", type=int, default=3); ap.add_argument("--runs", type=int, default=3)
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--sides", nargs="+", default=["reference", "onnx", "djl"])
a = ap.parse_args()
STAGES = ["total", "preprocessing", "vision", "qformer", "prefill", "decode"]


def command(side):
    if side == "reference":
        return [sys.executable, f"{here}/reference.py", a.model, a.image, "--runs", str(a.runs), "--threads", str(a.threads)]
    return [f"{here}/../run", "caption", "--model", a.model, "--image", a.image, "--backend", side, "--runs", str(a.runs), "--threads", str(a.threads)]


captions, others = {s: [] for s in a.sides}, {s: [] for s in a.sides}
for round in range(a.rounds):
    for side in a.sides:
        out = subprocess.run(command(side), capture_output=True, text=True, check=True).stdout
        for line in out.splitlines():
            print(f"[{round + 1} {side}] {line}", flush=True)
            if line.startswith("caption total"):
                row = {s: float(re.search(rf"{s} ([\d.]+)", line)[1]) for s in STAGES}
                row["ms a token"] = float(re.search(r"\((\d+) ms", line)[1])
                captions[side].append(row)
            elif "GB" in line: others[side].append(line)

keys = STAGES + ["ms a token"]
print("\nmedians of", {s: len(c) for s, c in captions.items()}, "captions, seconds")
print("| | " + " | ".join(keys) + " |\n|" + " --- |" * (len(keys) + 1))
medians = {s: {k: statistics.median(r[k] for r in rows) for k in keys} for s, rows in captions.items()}
for side, m in medians.items(): print(f"| {side} | " + " | ".join(f"{m[k]:.3g}" for k in keys) + " |")
for side in a.sides[1:]:
    print(f"| {a.sides[0]} / {side} | " + " | ".join(f"{medians[a.sides[0]][k] / medians[side][k]:.2f}×" for k in keys) + " |")
