"""Loads what NewColorName has trained in Transformers and PEFT, and compares tokens.

    check_trained.py BASE RUN

BASE  the demo model's directory
RUN   the folder that NewColorName wrote: adapter/, qformer/, and tokens.json with the token ids that the library wrote
"""
import json, os, sys
import torch
from PIL import Image
from peft import PeftModel
from transformers import Blip2ForConditionalGeneration, Blip2Processor

base, run = sys.argv[1:3]
cases = json.load(open(f"{run}/tokens.json"))
processor = Blip2Processor.from_pretrained(base, backend="pil")


def load(path): return Blip2ForConditionalGeneration.from_pretrained(path, dtype=torch.float32).eval()


for name, model in (("adapter", PeftModel.from_pretrained(load(base), f"{run}/adapter")), ("qformer", load(f"{run}/qformer"))):
    same = right = 0
    for case in cases:
        pixels = processor(images=Image.open(os.path.join(run, case["image"])).convert("RGB"), return_tensors="pt")
        with torch.no_grad(): ids = model.generate(**pixels, max_new_tokens=30, do_sample=False)[0]
        ids = ids[model.config.num_query_tokens + 1:] if ids[0] == model.config.image_token_index else ids
        ids = [i for i in ids.tolist() if i not in (model.config.text_config.pad_token_id, model.config.text_config.eos_token_id)]
        mine = [i for i in case[name] if i != model.config.text_config.eos_token_id]
        same += ids == mine
        right += processor.tokenizer.decode(ids, skip_special_tokens=True).strip() == case["text"]
    print(f"{name}: {same} of {len(cases)} texts have the same tokens, {right} are right")
