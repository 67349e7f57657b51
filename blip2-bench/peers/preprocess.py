"""A JPEG of 12 megapixels to the vision encoder's input: Pillow and the reference's processor against `blip2-bench/run preprocess`, in turn.

    pip install torch==2.13.0 transformers==5.18.0 pillow numpy
    python preprocess.py [--image FILE] [--rounds 5]
"""
import argparse, os, re, statistics, subprocess, tempfile, time
import numpy as np
from PIL import Image
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

here = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("--image"); ap.add_argument("--rounds", type=int, default=5)
a = ap.parse_args()


def picture(file, width=4000, height=3000):
    """Like a photograph: large smooth structures, edges, and grain."""
    rng = np.random.default_rng(1)
    noise = lambda w, h, how: np.asarray(Image.fromarray(rng.integers(0, 256, (h, w, 3), dtype=np.uint8)).resize((width, height), how), dtype=np.float32)
    pixels = .7 * noise(40, 30, Image.BICUBIC) + .25 * noise(400, 300, Image.NEAREST) + rng.normal(0, 4, (height, width, 3))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, quality=90)
    return file


image = a.image or picture(os.path.join(tempfile.mkdtemp(), "photo.jpg"))
processor = BlipImageProcessorPil(size={"height": 224, "width": 224})
theirs, ours = [], []
for round in range(a.rounds):
    times = []
    for _ in range(9):
        start = time.time()
        processor(Image.open(image).convert("RGB"), return_tensors="pt")
        times.append(1000 * (time.time() - start))
    theirs.append(statistics.median(times))
    out = subprocess.run([f"{here}/../run", "preprocess", "--image", image], capture_output=True, text=True, check=True).stdout
    ours.append(float(re.search(r"blip2: ([\d.]+) ms", out)[1]))
    print(f"[{round + 1}] reference {theirs[-1]:.1f} ms, blip2 {ours[-1]:.1f} ms", flush=True)
print(f"medians: reference {statistics.median(theirs):.1f} ms, blip2 {statistics.median(ours):.1f} ms, {statistics.median(theirs) / statistics.median(ours):.2f}×")
