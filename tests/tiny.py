"""Models of some kilobytes with random weights: real GGUF files of architectures without a bank."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

WIDTH, HEADS, FEED, LAYERS = 32, 2, 64, 2
_PIECES = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *"▁etaoinshrdlu"]


ARCHITECTURES = ("llama", "llama3", "mamba", "gemma2", "qwen2vl")


def write(
    path: Path,
    architecture: str,
    template: str | None = None,
    marks: dict[str, int] | None = None,
    *,
    seed: int = 1,
) -> Path:
    """Write a model of ARCHITECTURES (`llama3`: its frequencies scaled).

    `template` is its chat template; `marks` are more tokens with their types (3 control, 4 of the
    user); `seed` is what its weights come from.
    """
    import gguf

    name, marks = architecture.rstrip("3"), marks or {}
    pieces = [*_PIECES, *marks]
    writer = gguf.GGUFWriter(path, name)
    writer.add_context_length(4096)
    if template is not None:
        writer.add_chat_template(template)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * len(pieces))
    writer.add_token_types([2, 3, 3, *[6] * 256, *[1] * (len(_PIECES) - 259), *marks.values()])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    random = np.random.default_rng(seed)

    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(name, random.normal(0, 0.2, shape).astype(np.float32))

    tensor("token_embd.weight", len(pieces), WIDTH)
    tensor("output_norm.weight", WIDTH)
    if name != "gemma2":  # which says with the embeddings what it has to say
        tensor("output.weight", len(pieces), WIDTH)
    if name == "mamba":
        _mamba(writer, tensor)
    else:
        _transformer(writer, tensor, architecture)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _transformer(writer: Any, tensor: Any, architecture: str) -> None:
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    if architecture == "gemma2":
        writer.add_sliding_window(64)
        writer.add_key_length(WIDTH // HEADS)
        writer.add_value_length(WIDTH // HEADS)
    if architecture == "qwen2vl":
        writer.add_rope_dimension_sections([4, 2, 2, 0])
    if architecture == "llama3":
        writer.add_tensor("rope_freqs.weight", np.full(WIDTH // HEADS // 2, 8.0, np.float32))
    for layer in range(LAYERS):
        for part in ("attn_norm", "ffn_norm", *(
            ("post_attention_norm", "post_ffw_norm") if architecture == "gemma2" else ()
        )):  # fmt: skip
            tensor(f"blk.{layer}.{part}.weight", WIDTH)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{layer}.{part}.weight", WIDTH, WIDTH)
            if architecture == "qwen2vl" and part != "attn_output":
                tensor(f"blk.{layer}.{part}.bias", WIDTH)
        for part in ("ffn_gate", "ffn_up"):
            tensor(f"blk.{layer}.{part}.weight", FEED, WIDTH)
        tensor(f"blk.{layer}.ffn_down.weight", WIDTH, FEED)


def _mamba(writer: Any, tensor: Any) -> None:
    inner, state, rank, kernel = 2 * WIDTH, 8, 4, 4
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    for layer in range(LAYERS):
        for part, shape in {
            "attn_norm.weight": (WIDTH,),
            "ssm_in.weight": (2 * inner, WIDTH),
            "ssm_conv1d.weight": (inner, kernel),
            "ssm_conv1d.bias": (inner,),
            "ssm_x.weight": (rank + 2 * state, inner),
            "ssm_dt.weight": (inner, rank),
            "ssm_dt.bias": (inner,),
            "ssm_a": (inner, state),
            "ssm_d": (inner,),
            "ssm_out.weight": (WIDTH, inner),
        }.items():
            tensor(f"blk.{layer}.{part}", *shape)
