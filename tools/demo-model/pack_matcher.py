"""Packs the trained matcher in the Hub's layout (float16), measures it, writes golden scores and fresh statements.

    pack_matcher.py WORK OUT [SCENES]

OUT/checkpoint      the checkpoint, in float16, files as Transformers 4 wrote them
OUT/matching.json   in golden/: texts about the 24 golden pictures of pack.py, with the reference's scores
OUT/statements.json in fresh/: for each of its 100 fresh pictures its caption, three true texts and three false ones,
                    and which of the hundred captions are true of it
OUT/accuracy.json   measured on SCENES (500) fresh scenes, of a seed that training never uses
"""
import json, os, random, shutil, sys, tempfile
import torch
from transformers import Blip2ForImageTextRetrieval, Blip2Processor, PreTrainedTokenizerFast
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
import pack
from scenes import *
from statements import *
from train_matcher import Matcher, QUERIES, SIDE, Texts, load, pixels, similarities

CANDIDATES = 100


def statements(rng, background, objects, count):
    """True texts and, one for each, false ones that differ from a true text in a single thing."""
    true, false = [], []
    for _ in range(count):
        atoms = truth(rng, background, objects)
        true.append(framed(rng, atoms))
        false.append(framed(rng, falsehood(rng, atoms, background, objects)))
    return true, false


class Measure:
    def __init__(self, path, work):
        self.model = Blip2ForImageTextRetrieval.from_pretrained(path, dtype=torch.float32).eval()
        self.matcher, self.texts = Matcher(self.model).eval(), Texts(work)

    def vision(self, picture): return self.model.vision_model(pixels(picture)[None]).last_hidden_state

    def itm(self, v, texts):
        ids, mask = self.texts.ids(texts)
        return self.matcher.logits(v.expand(len(texts), -1, -1), ids, mask).softmax(-1)[:, 1]

    @torch.no_grad()
    def run(self, scenes):
        rng = random.Random(777)
        shown, v, right, by_count = [], [], [0, 0, 0], {}
        for _ in range(scenes):
            picture, background, objects = scene(rng)
            shown.append((background, objects))
            v.append(self.vision(picture))
            true, false = statements(rng, background, objects, 3)
            said = caption_atoms(background, objects)
            true.append(render(said)); false.append(render(falsehood(rng, said, background, objects)))
            p = self.itm(v[-1], true + false)
            yes, no = p[:4] >= .5, p[4:] < .5
            right[0] += yes.sum().item(); right[1] += no.sum().item(); right[2] += (p[3] > p[7]).item()
            n = by_count.setdefault(len(objects), [0, 0])
            n[0] += (yes.sum() + no.sum()).item(); n[1] += 8
        captions = [caption_atoms(*s) for s in shown]
        ids, mask = self.texts.ids([render(c) for c in captions])
        s = similarities(torch.cat([self.matcher.images(x) for x in v]), self.matcher.texts(ids, mask))
        text = image = 0
        for at in range(scenes):  # among the scene's own and 99 others: a text that is true of it, an image of which it is true
            others = [at] + rng.sample([i for i in range(scenes) if i != at], CANDIDATES - 1)
            text += true_of(captions[others[s[at, others].argmax()]], *shown[at]) is True
            image += true_of(captions[at], *shown[others[s[others, at].argmax()]]) is True
        return dict(scenes=scenes, seed=777, itm_true_texts=right[0] / (4 * scenes), itm_false_texts=right[1] / (4 * scenes),
                    itm_caption_before_changed=right[2] / scenes, candidates=CANDIDATES, itc_caption_of_image=text / scenes,
                    itc_image_of_caption=image / scenes,
                    itm_by_objects={k: f"{a} of {b}" for k, (a, b) in sorted(by_count.items())})


@torch.no_grad()
def golden(model, processor, folder):
    cases = []
    for rng, name, picture, background, objects in pack.pictures(folder, 4242, 24, [224, 112, 160]):
        pack.task(rng, background, objects)  # so that the scenes are pack.py's
        own = random.Random(name)
        true, false = statements(own, background, objects, 2)
        texts = [render(caption_atoms(background, objects))] + true + false + ["two cats on a sofa"]
        enc = processor(images=[picture] * len(texts), text=texts, padding=True, return_tensors="pt")
        itm = model(**enc, use_image_text_matching_head=True).logits_per_image.softmax(-1)[:, 1]
        itc = model(**{**enc, "pixel_values": enc["pixel_values"][:1]}, use_image_text_matching_head=False).logits_per_image
        cases.append(dict(image=name, texts=texts, itm_probability=itm.tolist(), itc_similarity=itc.flatten().tolist()))
    return dict(cases=cases)


def fresh(folder):
    cases, scenes = [], []
    for rng, name, _, background, objects in pack.pictures(folder, 31337, 100, [112]):
        pack.task(rng, background, objects)
        true, false = statements(random.Random(name), background, objects, 3)
        cases.append(dict(image=name, caption=render(caption_atoms(background, objects)), true=true, false=false))
        scenes.append((background, objects))
    captions = [caption_atoms(*s) for s in scenes]
    for case, s in zip(cases, scenes): case["true_captions"] = [i for i, c in enumerate(captions) if true_of(c, *s) is True]
    return dict(cases=cases)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    work, out = sys.argv[1:3]
    shutil.rmtree(out, ignore_errors=True)
    path = f"{out}/checkpoint"
    tokenizer = PreTrainedTokenizerFast.from_pretrained(work)
    processor = Blip2Processor(BlipImageProcessorPil(size={"height": SIDE, "width": SIDE}), tokenizer, num_query_tokens=QUERIES)
    load(work).model.half().save_pretrained(path)
    processor.save_pretrained(path)
    measure = Measure(path, work)
    accuracy = measure.run(int(sys.argv[3]) if len(sys.argv) > 3 else 500)
    print(json.dumps(accuracy, indent=1))
    with tempfile.TemporaryDirectory() as t:
        for name, made in (("matching", golden(measure.model, processor, f"{t}/golden")), ("statements", fresh(f"{t}/fresh")), ("accuracy", accuracy)):
            with open(f"{out}/{name}.json", "w") as f: json.dump(made, f, indent=1)
    pack.publish(path)
