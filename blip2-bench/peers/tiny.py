"""The reference's overhead: milliseconds a token of an OPT of 32 layers so narrow that nothing else is left, as StepBenchmark measures it.

    pip install torch==2.13.0 transformers==5.18.0
    python tiny.py [--threads 2]
"""
import argparse, statistics, time
import torch
from transformers import OPTConfig, OPTForCausalLM

ap = argparse.ArgumentParser()
ap.add_argument("--threads", type=int, default=2)
torch.set_num_threads(ap.parse_args().threads)
model = OPTForCausalLM(OPTConfig(hidden_size=32, word_embed_proj_dim=32, ffn_dim=64, num_hidden_layers=32, num_attention_heads=4, vocab_size=448)).eval()
ids = torch.full((1, 64), 40)
times = []
with torch.no_grad():
    past = model(ids, use_cache=True).past_key_values
    for _ in range(60):
        start = time.time()
        past = model(torch.tensor([[30]]), past_key_values=past, use_cache=True).past_key_values
        times.append(1000 * (time.time() - start))
print(f"reference: {statistics.median(times[10:]):.2f} ms a token, forward pass alone")
