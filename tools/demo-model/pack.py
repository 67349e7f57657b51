"""Packs a trained model in the Hub's layout (float16), measures it with the reference, writes golden texts.

    pack.py WORK OUT [SCENES]

OUT/checkpoint   the checkpoint, in float16, files as Transformers 4 wrote them
OUT/golden       24 pictures, and golden.json with the reference's texts for them
OUT/fresh        100 more pictures, and fresh.json with their true captions, questions and answers
OUT/accuracy.json  measured on SCENES (500) fresh scenes, of a seed that training never uses
"""
import json, os, random, shutil, sys
import torch
from transformers import Blip2Config, Blip2ForConditionalGeneration, Blip2Processor, PreTrainedTokenizerFast
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from scenes import *

NEW_TOKENS = 30


def load(work):
    model = Blip2ForConditionalGeneration(Blip2Config.from_pretrained(work))
    model.load_state_dict(torch.load(f"{work}/model.pt"))
    for part, module in (("vision", model.vision_model), ("language", model.language_model)):
        module.load_state_dict(torch.load(f"{work}/{part}.pt"))
    q = torch.load(f"{work}/qformer.pt")
    model.qformer.load_state_dict(q["qformer"])
    model.language_projection.load_state_dict(q["projection"])
    model.query_tokens.data.copy_(q["query_tokens"])
    return model.eval()


def publish(path):
    """Splits the processor's file in two, as the published checkpoints have it."""
    with open(f"{path}/processor_config.json") as f: c = json.load(f)
    image = c.pop("image_processor")
    with open(f"{path}/preprocessor_config.json", "w") as f: json.dump(dict(image, processor_class="Blip2Processor"), f, indent=2)
    with open(f"{path}/processor_config.json", "w") as f: json.dump(c, f, indent=2)


class Reference:
    def __init__(self, path, processor, tokenizer):
        self.model = Blip2ForConditionalGeneration.from_pretrained(path, dtype=torch.float32).eval()
        self.processor, self.tokenizer = processor, tokenizer

    @torch.no_grad()
    def texts(self, picture, prompts):
        """What it writes for each prompt; None is no prompt."""
        out = []
        for prompt in prompts:
            kw = dict(text=prompt) if prompt is not None else {}
            enc = self.processor(images=picture, return_tensors="pt", **kw)
            ids = self.model.generate(**enc, max_new_tokens=NEW_TOKENS, do_sample=False)
            start = enc["input_ids"].shape[1] if prompt is not None else self.model.config.num_query_tokens + 1
            out.append(self.tokenizer.batch_decode(ids[:, start:], skip_special_tokens=True)[0].strip())
        return out


def task(rng, background, objects):
    """Prompts and right answers of one scene: a caption, three questions, one in a second turn."""
    qs = [question(rng, background, objects) for _ in range(3)]
    turn = f"Question: {qs[0][0]} Answer: {qs[0][1]}. Question: {qs[1][0]} Answer:"
    prompts = [None] + [f"Question: {q} Answer:" for q, _ in qs] + [turn]
    return prompts, [caption(background, objects)] + [a for _, a in qs] + [qs[1][1]]


def measure(reference, scenes):
    rng = random.Random(777)
    by_count, right, wrong = {}, [0] * 5, []
    for _ in range(scenes):
        picture, background, objects = scene(rng)
        prompts, answers = task(rng, background, objects)
        got = [a == b for a, b in zip(reference.texts(picture, prompts), answers)]
        right = [r + g for r, g in zip(right, got)]
        n = by_count.setdefault(len(objects), [0, 0])
        n[0] += got[0]; n[1] += 1
    return dict(scenes=scenes, seed=777, caption_exact=right[0] / scenes, answers_right=sum(right[1:4]) / (3 * scenes),
                second_turn_right=right[4] / scenes, caption_exact_by_objects={k: f"{a} of {b}" for k, (a, b) in sorted(by_count.items())})


def pictures(folder, seed, count, sizes=None):
    os.makedirs(folder)
    rng = random.Random(seed)
    for i in range(count):
        picture, background, objects = scene(rng, sizes and sizes[i % len(sizes)])
        name = f"scene-{i:02d}.png"
        picture.save(f"{folder}/{name}", optimize=True)
        yield rng, name, picture, background, objects


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    work, out = sys.argv[1:3]
    shutil.rmtree(out, ignore_errors=True)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(work)
    model, path = load(work), f"{out}/checkpoint"
    processor = Blip2Processor(BlipImageProcessorPil(size={"height": 112, "width": 112}), tokenizer, num_query_tokens=model.config.num_query_tokens)
    model.half().save_pretrained(path)
    processor.save_pretrained(path)
    reference = Reference(path, processor, tokenizer)
    golden = []
    for rng, name, picture, background, objects in pictures(f"{out}/golden", 4242, 24, [224, 112, 160]):
        prompts, answers = task(rng, background, objects)
        prompts.append("a picture of")
        golden.append(dict(image=name, prompts=prompts, texts=reference.texts(picture, prompts)))
    with open(f"{out}/golden/golden.json", "w") as f: json.dump(dict(max_new_tokens=NEW_TOKENS, cases=golden), f, indent=1)
    fresh = []
    for rng, name, picture, background, objects in pictures(f"{out}/fresh", 31337, 100, [112]):
        prompts, answers = task(rng, background, objects)
        fresh.append(dict(image=name, prompts=prompts, answers=answers))
    with open(f"{out}/fresh/fresh.json", "w") as f: json.dump(dict(max_new_tokens=NEW_TOKENS, cases=fresh), f, indent=1)
    accuracy = measure(reference, int(sys.argv[3]) if len(sys.argv) > 3 else 500)
    publish(path)
    print(json.dumps(accuracy, indent=1))
    with open(f"{out}/accuracy.json", "w") as f: json.dump(accuracy, f, indent=1)
