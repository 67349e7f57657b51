"""Trains the demo checkpoint that matches images and texts, over the captioner's frozen vision encoder:

    train_matcher.py CAPTIONER WORK scenes COUNT      draws scenes and keeps the encoder's features of them
    train_matcher.py CAPTIONER WORK start             tokenizer, and a Q-Former that begins as the captioner's
    train_matcher.py CAPTIONER WORK match MINUTES     contrastive and matching losses, as in the paper's first stage

CAPTIONER is the captioning checkpoint's folder. `match` saves often and resumes.
"""
import json, math, os, random, sys, time
import numpy as np, torch
import torch.nn.functional as F
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import Blip2Config, Blip2ForConditionalGeneration, Blip2ForImageTextRetrieval, PreTrainedTokenizerFast
from scenes import *
from statements import *
from train import MEAN, PATCH, QUERIES, SIDE, STD, WIDTH, pixels

TOKENS, EMBEDDING, POSITIONS = 1 + (SIDE // PATCH) ** 2, 64, 64
IMAGES, PAIRS = 48, 2
UPRIGHT = float(os.environ.get("UPRIGHT", "0"))  # share of pairs about above and below, which are learned last


def make_tokenizer():
    """BERT's kind of tokenizer over the world's words; other words fall into letters."""
    rng, words = random.Random(5), set()
    for _ in range(20000):
        background, objects = layout(rng)
        words |= set(framed(rng, truth(rng, background, objects)).replace(",", " ,").split())
    letters = [chr(c) for c in range(33, 127) if not "A" <= chr(c) <= "Z"]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + ["##" + c for c in letters] + sorted(w for w in words if len(w) > 1)
    tok = Tokenizer(models.WordPiece({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]"))
    tok.normalizer, tok.pre_tokenizer, tok.decoder = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece()
    tok.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tok.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in vocabulary[:5] + ["<image>"]])
    return PreTrainedTokenizerFast(tokenizer_object=tok, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
                                   mask_token="[MASK]", model_max_length=POSITIONS - QUERIES)


def scenes_on_disk(captioner, work, count):
    """The vision encoder's features of `count` scenes, in binary16, and what each scene shows."""
    model = Blip2ForConditionalGeneration.from_pretrained(captioner, dtype=torch.float32).eval()
    rng = random.Random(int(time.time()) % 10 ** 6 + 10 ** 6)  # never the seeds of the evaluation
    features = np.lib.format.open_memmap(f"{work}/features.npy", "w+", np.float16, (count, TOKENS, WIDTH))
    with open(f"{work}/scenes.jsonl", "w") as f, torch.inference_mode():
        for at in range(0, count, 64):
            made = [scene(rng) for _ in range(min(64, count - at))]
            v = model.vision_model(torch.stack([pixels(p) for p, _, _ in made])).last_hidden_state
            features[at:at + len(made)] = v.half().numpy()
            for _, background, objects in made: f.write(json.dumps([background, objects]) + "\n")
            f.flush()
            if at % 6400 == 0: print(at, "scenes", flush=True)


def start(captioner, work):
    torch.manual_seed(0)
    tok = make_tokenizer()
    tok.save_pretrained(work)
    teacher = Blip2ForConditionalGeneration.from_pretrained(captioner, dtype=torch.float32)
    c = teacher.config
    config = Blip2Config(
        vision_config=c.vision_config.to_dict(), num_query_tokens=QUERIES, image_text_hidden_size=EMBEDDING,
        image_token_index=tok.convert_tokens_to_ids("<image>"),
        qformer_config=dict(c.qformer_config.to_dict(), vocab_size=len(tok), use_qformer_text_input=True, max_position_embeddings=POSITIONS))
    model = Blip2ForImageTextRetrieval(config)
    model.vision_model.load_state_dict(teacher.vision_model.state_dict())
    left = model.qformer.load_state_dict(teacher.qformer.state_dict(), strict=False)
    assert not left.unexpected_keys and all("_query" not in k for k in left.missing_keys), left
    with torch.no_grad():
        model.query_tokens.copy_(teacher.query_tokens)
        for layer in model.qformer.encoder.layer:  # texts begin with the queries' feed-forward layers
            for to, of in ((layer.intermediate, layer.intermediate_query), (layer.output, layer.output_query)): to.load_state_dict(of.state_dict())
        model.embeddings.word_embeddings.weight.normal_(0, .5)
        model.embeddings.position_embeddings.weight.normal_(0, .1)
    torch.save(model.state_dict(), f"{work}/matcher.pt")
    model.config.save_pretrained(work)
    print("vocabulary", len(tok), "parameters", sum(p.numel() for p in model.parameters()))


def similarities(images, texts):
    """(images, texts): the largest cosine over the queries."""
    return torch.einsum("iqd,td->itq", images, texts).amax(-1)


class Matcher(torch.nn.Module):
    """The reference's Blip2ForImageTextRetrieval behind the vision encoder, both heads in one pass."""
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.scale = torch.nn.Parameter(torch.tensor(math.log(1 / .07)))

    def images(self, v):
        q = self.model.qformer(query_embeds=self.model.query_tokens.expand(len(v), -1, -1), encoder_hidden_states=v).last_hidden_state
        return F.normalize(self.model.vision_projection(q), dim=-1)

    def texts(self, ids, mask):
        h = self.model.qformer(query_embeds=self.model.embeddings(input_ids=ids), query_length=0, attention_mask=mask).last_hidden_state
        return F.normalize(self.model.text_projection(h[:, 0]), dim=-1)

    def logits(self, v, ids, mask):
        queries = self.model.query_tokens.expand(len(ids), -1, -1)
        embeds = self.model.embeddings(input_ids=ids, query_embeds=queries)
        mask = torch.cat([torch.ones(queries.shape[:2], dtype=torch.long), mask], 1)
        h = self.model.qformer(query_embeds=embeds, query_length=QUERIES, attention_mask=mask, encoder_hidden_states=v).last_hidden_state
        return self.model.itm_head(h[:, :QUERIES]).mean(1)


class Muon(torch.optim.Optimizer):
    """torch.optim.Muon in float32: on processors without bfloat16 arithmetic the library's takes half of a step."""
    def __init__(self, params, lr, momentum=.95, weight_decay=.02):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                if p.grad is None: continue
                state = self.state[p]
                m = state.setdefault("m", torch.zeros_like(p)).lerp_(p.grad, 1 - group["momentum"])
                shapes.setdefault(p.shape, []).append((p, p.grad.lerp(m, group["momentum"])))
            for shape, some in shapes.items():
                x = torch.stack([g for _, g in some])
                wide = shape[0] <= shape[1]
                x = x if wide else x.mT
                x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
                for _ in range(5):
                    a = x @ x.mT
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                x = (x if wide else x.mT) * (.2 * math.sqrt(max(shape)))
                for (p, _), u in zip(some, x):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(u, alpha=-group["lr"])


class Texts:
    """Ids of words without the tokenizer's cost: every text here is whole words of the vocabulary."""
    def __init__(self, work):
        tok = PreTrainedTokenizerFast.from_pretrained(work)
        self.tok, self.vocabulary = tok, tok.get_vocab()

    def ids(self, texts):
        rows = [[2] + [self.vocabulary[w] for w in t.replace(",", " ,").split()] + [3] for t in texts]
        longest = max(map(len, rows))
        ids = torch.tensor([r + [0] * (longest - len(r)) for r in rows])
        return ids, (ids != 0).long()


def load(work):
    model = Blip2ForImageTextRetrieval(Blip2Config.from_pretrained(work))
    matcher = Matcher(model)
    state = torch.load(f"{work}/matcher.pt")
    if "scale" in state: matcher.scale.data.copy_(state.pop("scale"))
    model.load_state_dict(state)
    return matcher


def batch(rng, texts, features, scenes):
    """Features, for ITC one text an image and what is known to be true of which, for ITM pairs with their labels."""
    at = [rng.randrange(len(scenes)) for _ in range(IMAGES)]
    v = torch.from_numpy(features[at].astype(np.float32))
    shown = [scenes[i] for i in at]
    said = [caption_atoms(*s) if rng.random() < .5 else truth(rng, *s) for s in shown]
    known = torch.tensor([[true_of(a, *s) is False for a in said] for s in shown])
    pairs, labels = [], []
    for s in shown:
        for _ in range(PAIRS // 2):
            upright = vertical(rng, *s) if rng.random() < UPRIGHT else None
            atoms = upright or truth(rng, *s)
            wrong = falsehood(rng, atoms if upright or rng.random() < .8 else truth(rng, *s), *s)
            if not upright and rng.random() < .15:
                stranger = truth(rng, *rng.choice(scenes))
                if true_of(stranger, *s) is False: wrong = stranger
            pairs += [framed(rng, atoms), framed(rng, wrong)]
            labels += [1, 0]
    return v, texts.ids([framed(rng, a) for a in said]), known, texts.ids(pairs), torch.tensor(labels)


def match(work, minutes):
    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    rng = random.Random(int(time.time()))
    torch.manual_seed(rng.randrange(10 ** 6))
    matcher, texts = load(work), Texts(work)
    matcher.train()
    matcher.model.vision_model.requires_grad_(False)
    with open(f"{work}/scenes.jsonl") as f: scenes = [tuple(json.loads(line)) for line in f]
    features = np.load(f"{work}/features.npy", mmap_mode="r")
    named = [(n, p) for n, p in matcher.named_parameters() if p.requires_grad]
    inner = [p for n, p in named if p.dim() == 2 and "embeddings" not in n and "itm_head" not in n]
    outer = [p for _, p in named if all(p is not i for i in inner)]
    peak = float(os.environ.get("RATE", "2e-3"))
    opts = [Muon(inner, peak),
            torch.optim.AdamW(outer, lr=peak, betas=(.9, .98), weight_decay=0.0)]
    began, saved, said, step, mean = time.time(), time.time(), 0, 0, None

    def save():
        torch.save(dict(matcher.model.state_dict(), scale=matcher.scale.data), f"{work}/matcher.tmp")
        os.replace(f"{work}/matcher.tmp", f"{work}/matcher.pt")

    while (share := (time.time() - began) / 60 / minutes) < 1:
        rate = peak * min(1, (step + 1) / 100) * (.5 * (1 + math.cos(math.pi * share)) * .97 + .03)
        for o in opts:
            for g in o.param_groups: g["lr"] = rate
        v, itc, false, itm, labels = batch(rng, texts, features, scenes)
        s = similarities(matcher.images(v), matcher.texts(*itc)) * matcher.scale.exp().clamp(max=100)
        s = s.masked_fill(~false & ~torch.eye(IMAGES, dtype=torch.bool), -1e4)
        own = torch.arange(IMAGES)
        contrast = (F.cross_entropy(s, own) + F.cross_entropy(s.T, own)) / 2
        z = matcher.logits(v.repeat_interleave(PAIRS, 0), *itm)
        matching = F.cross_entropy(z, labels)
        loss = contrast + matching
        for o in opts: o.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
        for o in opts: o.step()
        step += 1
        now = dict(itc=contrast.item(), itc_right=(s.argmax(1) == own).float().mean().item(), itm=matching.item(),
                   itm_right=(z.argmax(1) == labels).float().mean().item())
        mean = now if mean is None else {k: .98 * mean[k] + .02 * now[k] for k in now}
        if time.time() - said > 30:
            said = time.time()
            print(f"match {share * minutes:.1f} min, step {step}, rate {rate:.1e}, " + ", ".join(f"{k} {v:.4f}" for k, v in mean.items()), flush=True)
        if time.time() - saved > 120: saved = time.time(); save()
    save()
    print("match done", mean, flush=True)


if __name__ == "__main__":
    captioner, folder, what = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    if what == "scenes": scenes_on_disk(captioner, folder, int(sys.argv[4]))
    elif what == "start": start(captioner, folder)
    else: match(folder, float(sys.argv[4]))
