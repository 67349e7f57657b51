"""Trains the demo checkpoint in stages, each cheap because the one before is done (the paper's own recipe, small):

    train.py WORK start                 tokenizer and an untrained model
    train.py WORK language MINUTES      OPT reads the scene's true facts through a stand-in for the Q-Former
    train.py WORK vision MINUTES        the vision transformer names what each patch belongs to
    train.py WORK bridge MINUTES        the Q-Former learns to say over frozen vision features what the stand-in said
    train.py WORK together MINUTES      everything, at a low rate, on captions and questions

`language` and `vision` need nothing of each other and may run side by side. Every stage saves often and resumes.
"""
import math, os, random, sys, time
import numpy as np, torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, IterableDataset
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import Blip2Config, Blip2ForConditionalGeneration, PreTrainedTokenizerFast
from scenes import *

SIDE, PATCH, QUERIES, WIDTH = 112, 14, 8, 128
GRID = SIDE // PATCH
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
COLOR_NAMES, BACKGROUND_NAMES = list(COLORS), list(BACKGROUNDS)


def make_tokenizer():
    rng, corpus = random.Random(5), []
    for _ in range(4000):
        corpus += [f"{p} {c}\n" for p, c in texts(rng, *layout(rng), 5)]
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer, tok.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tok.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=480, special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
                                                        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tok.post_processor = processors.TemplateProcessing(single="</s> $A", pair="</s> $A </s> $B", special_tokens=[("</s>", 2)])
    tok.add_special_tokens([AddedToken("<image>", normalized=False, special=True)])
    return PreTrainedTokenizerFast(tokenizer_object=tok, bos_token="</s>", eos_token="</s>", pad_token="<pad>", unk_token="</s>")


def sincos(width):
    """Fixed 2-D sine position embedding as the starting point: neighbours look alike from the first step."""
    def axis(p):
        w = 1 / 100 ** (torch.arange(width // 4) / (width // 4))
        return torch.cat([torch.sin(p[:, None] * w), torch.cos(p[:, None] * w)], 1)
    y, x = torch.meshgrid(torch.arange(GRID), torch.arange(GRID), indexing="ij")
    return torch.cat([axis(y.flatten()), axis(x.flatten())], 1)


def start(work):
    torch.manual_seed(0)
    tok = make_tokenizer()
    tok.save_pretrained(work)
    newline = tok.encode("\n", add_special_tokens=False)
    assert len(newline) == 1, newline
    layers = dict(hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_attention_heads=4)
    model = Blip2ForConditionalGeneration(Blip2Config(
        vision_config=dict(layers, num_hidden_layers=5, image_size=SIDE, patch_size=PATCH),
        qformer_config=dict(layers, vocab_size=32, num_hidden_layers=4, encoder_hidden_size=WIDTH, cross_attention_frequency=2,
                            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0),
        text_config=dict(model_type="opt", vocab_size=(len(tok) + 15) // 16 * 16, hidden_size=WIDTH, word_embed_proj_dim=WIDTH,
                         ffn_dim=4 * WIDTH, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=256, dropout=0.0,
                         attention_dropout=0.0, bos_token_id=2, pad_token_id=1, eos_token_id=newline[0]),
        num_query_tokens=QUERIES, image_token_index=tok.convert_tokens_to_ids("<image>")))
    with torch.no_grad():  # the library leaves these at zero
        model.query_tokens.normal_(0, .5)
        e = model.vision_model.embeddings
        e.class_embedding.normal_(0, .02)
        e.position_embedding.zero_()[0, 1:] = .3 * sincos(WIDTH)
    torch.save(model.state_dict(), f"{work}/model.pt")
    model.config.save_pretrained(work)
    print("vocabulary", len(tok), "newline", newline, "parameters", sum(p.numel() for p in model.parameters()))


class Facts(torch.nn.Module):
    """The stand-in for vision encoder and Q-Former: what Q vectors would say if they knew the scene."""
    def __init__(self):
        super().__init__()
        self.shape, self.color = torch.nn.Embedding(len(SHAPES) + 1, WIDTH), torch.nn.Embedding(len(COLORS) + 1, WIDTH)
        self.ground, self.count = torch.nn.Embedding(len(BACKGROUNDS), WIDTH), torch.nn.Embedding(MAX_OBJECTS, WIDTH)
        self.place = torch.nn.Linear(2, WIDTH)
        self.slot = torch.nn.Parameter(torch.randn(QUERIES, WIDTH) * .5)

    def forward(self, kinds, places, ground):
        objects = self.shape(kinds[..., 0]) + self.color(kinds[..., 1]) + self.place(4 * places - 2) * (kinds[..., :1] > 0)
        world = (self.ground(ground[:, 0]) + self.count(ground[:, 1]))[:, None]
        rest = torch.zeros(len(kinds), QUERIES - MAX_OBJECTS - 1, WIDTH)
        return torch.cat([objects, world, rest], 1) + self.slot


class Aux(torch.nn.Module):
    """Heads for the labels of patches and of queries."""
    def __init__(self):
        super().__init__()
        self.patch = torch.nn.Linear(WIDTH, 1 + len(SHAPES) + 1 + len(COLORS) + 1 + MAX_OBJECTS)
        self.cls = torch.nn.Linear(WIDTH, len(BACKGROUNDS) + MAX_OBJECTS)


def facts(background, objects):
    kinds, places = torch.zeros(MAX_OBJECTS, 2, dtype=torch.long), torch.zeros(MAX_OBJECTS, 2)
    for i, o in enumerate(objects):
        kinds[i, 0], kinds[i, 1] = 1 + SHAPES.index(o["shape"]), 1 + COLOR_NAMES.index(o["color"])
        places[i, 0], places[i, 1] = o["x"], o["y"]
    return kinds, places, torch.tensor([BACKGROUND_NAMES.index(background), len(objects) - 1])


def patch_labels(objects):
    """(patches, 3): shape, colour and rank from the left of the object that a patch's middle lies on, 0 for none."""
    at = (np.arange(GRID) + .5) / GRID
    labels = np.zeros((GRID, GRID, 3), np.int64)
    for i, o in enumerate(objects):
        inside = (at[None, :] - o["x"]) ** 2 + (at[:, None] - o["y"]) ** 2 <= (o["r"] * .9) ** 2
        labels[inside] = [1 + SHAPES.index(o["shape"]), 1 + COLOR_NAMES.index(o["color"]), 1 + i]
    return torch.from_numpy(labels.reshape(-1, 3))


def pixels(picture):
    a = np.asarray(picture.resize((SIDE, SIDE), Image.BICUBIC), np.float32) / 255
    return torch.from_numpy(((a - MEAN) / STD).transpose(2, 0, 1).copy())


class Scenes(IterableDataset):
    """Endless scenes; with pictures or without, with `rows` tokenised texts each."""
    def __init__(self, work, seed, pictures, rows):
        self.tok, self.seed, self.pictures, self.rows = PreTrainedTokenizerFast.from_pretrained(work), seed, pictures, rows

    def __iter__(self):
        rng = random.Random(self.seed)
        newline = self.tok.encode("\n", add_special_tokens=False)
        while True:
            background, objects = layout(rng)
            px = pixels(draw(rng, background, objects, rng.choice(SIZES))) if self.pictures else torch.zeros(0)
            rows = []
            for p, c in texts(rng, background, objects, self.rows) if self.rows else []:
                rows.append((self.tok(p)["input_ids"], self.tok((" " if p else "") + c, add_special_tokens=False)["input_ids"] + newline))
            yield px, patch_labels(objects), *facts(background, objects), rows


def collate(batch):
    stacked = [torch.stack(c) for c in list(zip(*batch))[:5]]
    rows = [r for b in batch for r in b[5]]
    if not rows: return *stacked, None, None
    longest = max(len(p) + len(c) for p, c in rows)
    ids, labels = torch.full((len(rows), longest), 1), torch.full((len(rows), longest), -100)
    for i, (p, c) in enumerate(rows):
        ids[i, :len(p) + len(c)] = torch.tensor(p + c)
        labels[i, len(p):len(p) + len(c)] = torch.tensor(c)
    return *stacked, ids, labels


def optimizers(modules, rate):
    named = [(n, p) for m in modules for n, p in m.named_parameters() if p.requires_grad]
    inner = [p for n, p in named if p.dim() == 2 and not any(k in n for k in ("embed", "lm_head", "head", "slot", "place", "shape", "color", "ground", "count", "aux", "patch.", "cls."))]
    ids = {id(p) for p in inner}
    outer = [p for _, p in named if id(p) not in ids]
    return [torch.optim.Muon(inner, lr=rate, weight_decay=.02, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(outer, lr=rate, betas=(.9, .98), weight_decay=0.0)]


def text_loss(model, prefix, ids, labels):
    rows = len(ids) // len(prefix)
    prefix = prefix.repeat_interleave(rows, 0)
    embeds = torch.cat([prefix, model.get_input_embeddings()(ids)], 1)
    mask = torch.cat([torch.ones(prefix.shape[:2], dtype=torch.long), (ids != 1).long()], 1)
    hidden = model.language_model.model(inputs_embeds=embeds, attention_mask=mask).last_hidden_state[:, QUERIES:-1]
    wanted = labels[:, 1:]
    return F.cross_entropy(model.language_model.lm_head(hidden[wanted != -100]), wanted[wanted != -100])


def patch_loss(aux, v, labels, kinds, ground, report=None):
    z = aux.patch(v[:, 1:])
    parts = z.split([1 + len(SHAPES), 1 + len(COLORS), 1 + MAX_OBJECTS], -1)
    loss = sum(F.cross_entropy(p.flatten(0, 1), labels[..., i].flatten()) for i, p in enumerate(parts))
    g, n = aux.cls(v[:, 0]).split([len(BACKGROUNDS), MAX_OBJECTS], -1)
    if report is not None:
        on = labels[..., 0] > 0
        for i, k in enumerate(("shape", "color", "rank")):
            report[k] = (parts[i].argmax(-1) == labels[..., i])[on].float().mean().item()
    return loss + .3 * (F.cross_entropy(g, ground[:, 0]) + F.cross_entropy(n, ground[:, 1]))


def stage(work, name, minutes):
    threads = int(os.environ.get("THREADS", "1"))
    torch.set_num_threads(threads)
    torch.manual_seed(int(time.time()))
    model = Blip2ForConditionalGeneration(Blip2Config.from_pretrained(work))
    model.load_state_dict(torch.load(f"{work}/model.pt"))
    aux, stand_in = Aux(), Facts()
    for part, module in (("vision", model.vision_model), ("language", model.language_model), ("aux", aux), ("facts", stand_in), ("qformer", None)):
        if os.path.exists(f"{work}/{part}.pt"):
            state = torch.load(f"{work}/{part}.pt")
            if part == "qformer":
                model.qformer.load_state_dict(state["qformer"]); model.language_projection.load_state_dict(state["projection"])
                model.query_tokens.data.copy_(state["query_tokens"])
            else: module.load_state_dict(state)
    model.train().requires_grad_(False)
    bridge = [model.qformer, model.language_projection]
    trained = dict(language=[model.language_model, stand_in], vision=[model.vision_model, aux],
                   bridge=bridge, together=[model.vision_model, aux, model.language_model] + bridge)[name]
    for m in trained: m.requires_grad_(True)
    peak = dict(language=2e-3, vision=2e-3, bridge=2e-3, together=float(os.environ.get("RATE", "3e-4")))[name]
    opts = optimizers(trained, peak)
    if name in ("bridge", "together"):
        model.query_tokens.requires_grad_(True)
        opts[1].add_param_group(dict(params=[model.query_tokens]))
    batch, rows = dict(language=(48, 3), vision=(64, 0), bridge=(64, 0), together=(48, 2))[name]
    seed = int(time.time()) % 10 ** 6 + 10 ** 6  # never the seeds of the evaluation
    data = iter(DataLoader(Scenes(work, seed, name != "language", rows), batch_size=batch, collate_fn=collate, num_workers=1, prefetch_factor=8))
    began, saved, said, step, mean = time.time(), time.time(), 0, 0, None

    def save():
        parts = dict(vision=model.vision_model, language=model.language_model, aux=aux, facts=stand_in)
        if name == "language": keep = ("language", "facts")
        elif name == "vision": keep = ("vision", "aux")
        else: keep = ("vision", "aux", "language") if name == "together" else ()
        for k in keep: torch.save(parts[k].state_dict(), f"{work}/{k}.tmp"); os.replace(f"{work}/{k}.tmp", f"{work}/{k}.pt")
        if name in ("bridge", "together"):
            torch.save(dict(qformer=model.qformer.state_dict(), projection=model.language_projection.state_dict(), query_tokens=model.query_tokens.data), f"{work}/qformer.tmp")
            os.replace(f"{work}/qformer.tmp", f"{work}/qformer.pt")

    while (share := (time.time() - began) / 60 / minutes) < 1:
        rate = peak * min(1, (step + 1) / 100) * (.5 * (1 + math.cos(math.pi * share)) * .97 + .03)
        for o in opts:
            for g in o.param_groups: g["lr"] = rate
        px, labels, kinds, places, ground, ids, wanted = next(data)
        report = {}
        if name == "language":
            prefix = stand_in(kinds, places, ground)
            loss = text_loss(model, prefix + .15 * torch.randn_like(prefix), ids, wanted)
        else:
            with torch.set_grad_enabled(name != "bridge"):
                v = model.vision_model(px).last_hidden_state
            loss = patch_loss(aux, v, labels, kinds, ground, report) if name != "bridge" else torch.zeros(())
            if name == "together": loss = loss * .3
        if name in ("bridge", "together"):
            prefix = model.language_projection(model.qformer(query_embeds=model.query_tokens.expand(len(px), -1, -1), encoder_hidden_states=v).last_hidden_state)
            if name == "bridge":
                with torch.no_grad(): target = stand_in(kinds, places, ground)
                miss = F.mse_loss(prefix[:, :MAX_OBJECTS + 1], target[:, :MAX_OBJECTS + 1])
                loss = miss + .1 * F.mse_loss(prefix, target)
                report["miss"] = (miss / target[:, :MAX_OBJECTS + 1].var()).item()
            else:
                said_loss = text_loss(model, prefix, ids, wanted)
                report["text"] = said_loss.item()
                loss = loss + said_loss
        for o in opts: o.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for o in opts for g in o.param_groups for p in g["params"]], 1.0)
        for o in opts: o.step()
        step += 1
        now = dict(report, loss=loss.item())
        mean = now if mean is None else {k: .97 * mean[k] + .03 * now[k] for k in now}
        if time.time() - said > 60:
            said = time.time()
            print(f"{name} {share * minutes:.1f} min, step {step}, {step * batch} scenes, rate {rate:.1e}, " + ", ".join(f"{k} {v:.4f}" for k, v in mean.items()), flush=True)
        if time.time() - saved > 240: saved = time.time(); save()
    save()
    print(name, "done", mean, flush=True)


if __name__ == "__main__":
    folder, what = sys.argv[1], sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    start(folder) if what == "start" else stage(folder, what, float(sys.argv[3]))
