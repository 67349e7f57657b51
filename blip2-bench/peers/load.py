"""Captions a minute for many callers at once: the reference behind a small server loop and this library's sides, in turn.

    python load.py MODEL IMAGE [--callers 16] [--captions 32] [--tokens 20] [--rounds 2] [--sides reference onnx/packed@0 onnx/packed@16 …] [--json FILE]

A side is `reference`, or BACKEND[:PRECISIONS][/LAYOUT]@ROWS, where ROWS callers share a step and 0 means that each takes
its own. The reference's callers put their images into a queue; one loop takes up to --batch of them, encodes and captions
them in one call of generate, and answers. Its dtype is --dtype. A round starts each side as a process of its own, so that
one machine's moods fall on all of them. Needs what reference.py needs.
"""
import argparse, json, os, queue, re, statistics, subprocess, sys, threading, time

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("model"); ap.add_argument("image")
ap.add_argument("--callers", type=int, default=16); ap.add_argument("--captions", type=int, default=32)
ap.add_argument("--tokens", type=int, default=20); ap.add_argument("--rounds", type=int, default=2)
ap.add_argument("--threads", type=int, default=2)
ap.add_argument("--batch", type=int, default=8); ap.add_argument("--dtype", default="bfloat16")
ap.add_argument("--sides", nargs="+", default=["reference", "onnx/packed@0", "onnx/packed@16"])
ap.add_argument("--json"); ap.add_argument("--serve", action="store_true", help="be the reference's side")
a = ap.parse_args()


def serve():
    """A closed loop of callers against batches of the reference."""
    import torch
    from PIL import Image
    from transformers import Blip2ForConditionalGeneration
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
    torch.set_num_threads(a.threads)
    model = Blip2ForConditionalGeneration.from_pretrained(a.model, dtype=getattr(torch, a.dtype)).eval()
    side = model.config.vision_config.image_size
    processor = BlipImageProcessorPil(size={"height": side, "width": side})
    asked, times = queue.Queue(), []

    def write(waiting):
        images = [Image.open(a.image).convert("RGB") for _ in waiting]
        pixels = processor(images, return_tensors="pt")["pixel_values"].to(model.dtype)
        with torch.no_grad(): model.generate(pixels, max_new_tokens=a.tokens, min_new_tokens=a.tokens, do_sample=False)
        for done in waiting: done.set()

    def loop():
        while True:
            waiting = [asked.get()]
            while len(waiting) < a.batch:
                try: waiting.append(asked.get(timeout=.05))
                except queue.Empty: break
            write(waiting)

    def caller(count):
        for _ in range(count):
            done, start = threading.Event(), time.time()
            asked.put(done); done.wait(); times.append(time.time() - start)

    write([threading.Event()])
    threading.Thread(target=loop, daemon=True).start()
    callers = [threading.Thread(target=caller, args=(a.captions // a.callers + (i < a.captions % a.callers),)) for i in range(a.callers)]
    start = time.time()
    for c in callers: c.start()
    for c in callers: c.join()
    spent, times = time.time() - start, sorted(times)
    rank = lambda p: times[max(0, -(-p * len(times) // 100) - 1)]
    with open("/proc/self/status") as f: peak = int(next(line for line in f if line.startswith("VmHWM")).split()[1]) * 1024 / 1e9
    # The whole text comes at once: its first token is its last.
    print(f"load {len(times) * 60 / spent:.2f} captions a minute: {a.callers} callers, {a.batch} rows, {len(times)} captions in {spent:.1f} s; "
          f"first token p50 {rank(50):.2f}, p95 {rank(95):.2f} s; last token p50 {rank(50):.2f}, p95 {rank(95):.2f} s; 0 refused", flush=True)
    print(f"reference: peak {peak:.2f} GB", flush=True)


def command(side):
    common = ["--callers", str(a.callers), "--captions", str(a.captions), "--tokens", str(a.tokens), "--threads", str(a.threads)]
    if side == "reference":
        return [sys.executable, __file__, a.model, a.image, "--serve", "--batch", str(a.batch), "--dtype", a.dtype] + common
    backend, precision, layout, rows = re.fullmatch(r"(\w+)(?::([\w,-]+))?(?:/(\w+))?@(\d+)", side).groups()
    options = [["--precision", precision], ["--weights", layout], ["--rows", rows]]
    return [f"{here}/../run", "load", "--model", a.model, "--image", a.image, "--backend", backend] + common + [x for o in options if o[1] for x in o]


def compare():
    results = {side: {} for side in a.sides}
    for round in range(a.rounds):
        for side in a.sides:
            out = subprocess.run(command(side), capture_output=True, text=True, check=True).stdout
            for line in out.splitlines():
                print(f"[{round + 1} {side}] {line}", flush=True)
                note = lambda key, value: results[side].setdefault(key, []).append(float(value))
                if load := re.match(r"load ([\d.]+) captions", line):
                    note("captions a minute", load[1])
                    for token in "first", "last":
                        p50, p95 = re.search(rf"{token} token p50 ([\d.]+), p95 ([\d.]+)", line).groups()
                        note(f"{token} p50", p50); note(f"{token} p95", p95)
                    note("refused", re.search(r"(\d+) refused", line)[1])
                if peak := re.search(r"peak ([\d.]+) GB", line): note("peak GB", peak[1])
    medians = {side: {k: statistics.median(v) for k, v in r.items()} for side, r in results.items()}
    keys = ["captions a minute", "first p50", "first p95", "last p50", "last p95", "refused", "peak GB"]
    print("\n| | " + " | ".join(keys) + " |\n|" + " --- |" * (len(keys) + 1))
    for side, m in medians.items(): print(f"| {side} | " + " | ".join(f"{m[k]:.3g}" for k in keys) + " |")
    if a.json:
        with open(a.json, "w") as file: json.dump({"medians": medians, "all": results}, file, indent=1)


serve() if a.serve else compare()
