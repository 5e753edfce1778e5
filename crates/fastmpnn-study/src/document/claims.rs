//! Every claim, in the order of the document.

use super::architecture::{extreme, fewer_neighbors, flash_attention, fusing, minimal};
use super::arithmetic::{bf16, f16, integers};
use super::claim::Claim;
use super::decoding::{kv_caching, samples_and_structures, speculative};
use super::workload::{baseline, feature_cache, filtering, length, mixed_lengths, nearest_neighbors, processes};

pub(super) const CLAIMS: [Claim; 20] = [
    Claim {
        technique: "baseline, 5L33, batch 1",
        literature: "",
        range: None,
        published: "14.79 ± 0.17 ms, 7,167 residues/s",
        answer: baseline,
    },
    Claim {
        technique: "bf16",
        literature: "1.8–2 ×",
        range: Some([1.8, 2.0]),
        published: "failed: mismatched types",
        answer: bf16,
    },
    Claim {
        technique: "fp16",
        literature: "1.8–2 ×",
        range: Some([1.8, 2.0]),
        published: "failed: mismatched types",
        answer: f16,
    },
    Claim {
        technique: "torch.compile, fusing",
        literature: "1.5 ×",
        range: Some([1.5, 1.5]),
        published: "0.99 ×",
        answer: fusing,
    },
    Claim {
        technique: "batching 2, 4, 8",
        literature: "2–4 ×",
        range: Some([2.0, 4.0]),
        published: "1.18, 1.24, 1.26 ×",
        answer: samples_and_structures,
    },
    Claim { technique: "length scaling", literature: "", range: None, published: "untested", answer: length },
    Claim {
        technique: "vectorized k-NN",
        literature: "5–10 ×",
        range: Some([5.0, 10.0]),
        published: "untested; later 1.31 × of the search",
        answer: nearest_neighbors,
    },
    Claim {
        technique: "pruning to 2 + 2 layers of 64 (\"Minimal\")",
        literature: "",
        range: None,
        published: "1.84–1.93 × with \"no loss\", on random weights",
        answer: minimal,
    },
    Claim {
        technique: "\"EXTREME\", \"EXTREME-v2\"",
        literature: "",
        range: None,
        published: "7.01 ×, 8.18 × with batches of 8, on random weights",
        answer: extreme,
    },
    Claim {
        technique: "k = 32",
        literature: "",
        range: None,
        published: "1.27–1.30 ×",
        answer: |_, records| fewer_neighbors(records, "k = 32"),
    },
    Claim {
        technique: "k = 16",
        literature: "",
        range: None,
        published: "1.70–1.83 ×, \"5.3 % loss\" on random weights",
        answer: |_, records| fewer_neighbors(records, "k = 16"),
    },
    Claim {
        technique: "k = 12",
        literature: "",
        range: None,
        published: "1.83 ×",
        answer: |_, records| fewer_neighbors(records, "k = 12"),
    },
    Claim {
        technique: "KV caching",
        literature: "9.44 ×; 10–50 × for long sequences",
        range: None,
        published: "\"not applicable\"",
        answer: kv_caching,
    },
    Claim {
        technique: "flash attention",
        literature: "10–20 ×",
        range: Some([10.0, 20.0]),
        published: "untested",
        answer: flash_attention,
    },
    Claim {
        technique: "mixed lengths, bucketed",
        literature: "2–4 ×",
        range: Some([2.0, 4.0]),
        published: "untested",
        answer: mixed_lengths,
    },
    Claim {
        technique: "int8, quantization",
        literature: "1.5–3 ×, below 1 % loss",
        range: Some([1.5, 3.0]),
        published: "failed: not supported",
        answer: integers,
    },
    Claim {
        technique: "speculative decoding",
        literature: "1.5–2.5 ×",
        range: Some([1.5, 2.5]),
        published: "untested",
        answer: speculative,
    },
    Claim {
        technique: "processes",
        literature: "",
        range: None,
        published: "recommended, untested",
        answer: processes,
    },
    Claim {
        technique: "caching features",
        literature: "",
        range: None,
        published: "recommended, untested",
        answer: feature_cache,
    },
    Claim {
        technique: "filtering before validation",
        literature: "",
        range: None,
        published: "recommended, untested",
        answer: filtering,
    },
];
