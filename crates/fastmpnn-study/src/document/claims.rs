//! What is claimed, by the literature as the published study cites it and by that study, and what is measured.

use crate::numerals::number;
use crate::record::Row;
use crate::records::StudyRecords;

/// A claimed speed-up, and how it is answered.
pub(super) struct Claim {
    pub(super) technique: &'static str,
    /// What the literature claims, as the published study cites it.
    pub(super) literature: &'static str,
    /// What the published study measured on an M3 Pro.
    pub(super) published: &'static str,
    /// What was measured here, and the number that the verdict goes by.
    pub(super) measured: fn(&StudyRecords) -> Option<Measured>,
}

/// What was measured, and what follows.
pub(super) struct Measured {
    pub(super) text: String,
    pub(super) verdict: String,
}

pub(super) fn times(value: f64) -> String {
    format!("{value:.2} ×")
}

pub(super) fn signed(value: f64) -> String {
    crate::numerals::signed(value)
}

/// How many times as fast, in words.
fn pays(speedup: f64) -> &'static str {
    match speedup {
        s if s >= 1.5 => "pays",
        s if s >= 1.1 => "pays a little",
        s if s >= 0.95 => "makes no difference",
        _ => "costs time",
    }
}

/// The recovery that a row's panel loses, in words: only what the interval supports.
fn loses(row: &Row) -> Option<String> {
    let quality = row.quality.as_ref()?;
    let [low, high] = quality.recovery_difference_95.map(|end| 100.0 * end);
    let difference = 100.0 * quality.recovery_difference;
    let text = format!("{} points of recovery ({} to {})", signed(difference), signed(low), signed(high));
    Some(if high < 0.0 {
        format!("loses: {text}")
    } else if low > 0.0 {
        format!("gains: {text}")
    } else {
        format!("no difference shown: {text}")
    })
}

/// Every claim, in the order of the document.
pub(super) const CLAIMS: [Claim; 20] = [
    Claim {
        technique: "baseline, 5L33, batch 1",
        literature: "",
        published: "14.79 ± 0.17 ms, 7,167 residues/s",
        measured: |records| {
            let row = records.row("baseline", "forward, the published protocol")?;
            Some(Measured {
                text: format!(
                    "{} ± {} ms, {} residues/s",
                    number(row.mean_ms),
                    number(row.std_ms),
                    number(row.residues_per_s)
                ),
                verdict: format!("{} processors against a GPU", row.threads),
            })
        },
    },
    Claim {
        technique: "bf16",
        literature: "1.8–2 ×",
        published: "failed: mismatched types",
        measured: |records| half(records, "bf16", "all in bf16, distances too"),
    },
    Claim {
        technique: "fp16",
        literature: "1.8–2 ×",
        published: "failed: mismatched types",
        measured: |records| half(records, "f16", "all in f16, distances too"),
    },
    Claim {
        technique: "torch.compile, fusing",
        literature: "1.5 ×",
        published: "0.99 ×",
        measured: |records| {
            let fused = records.row("compile", "fused by hand")?;
            let torch = records.row("compile", "torch, eager").zip(records.row("compile", "torch, inductor"));
            let torch = torch.map(|(eager, inductor)| {
                format!(
                    "; torch's inductor {} over eager after {} s of compiling",
                    times(eager.median_ms / inductor.median_ms),
                    inductor
                        .more
                        .get("first_call_s")
                        .and_then(serde_json::Value::as_f64)
                        .map_or_else(|| "–".to_owned(), number)
                )
            });
            let verdict = if torch.is_some() {
                format!("fusing by hand {}, and compiling less", pays(fused.speedup))
            } else {
                format!("fusing by hand {}", pays(fused.speedup))
            };
            Some(Measured { text: format!("by hand {}{}", times(fused.speedup), torch.unwrap_or_default()), verdict })
        },
    },
    Claim {
        technique: "batching 2, 4, 8",
        literature: "2–4 ×",
        published: "1.18, 1.24, 1.26 ×",
        measured: |records| {
            let gain = |name: &str| records.row("batching", name).map(|row| row.speedup);
            let samples = [gain("2 samples")?, gain("4 samples")?, gain("8 samples")?];
            let structures = gain("8 structures, one a thread").or_else(|| gain("8 structures, all threads on each"));
            let text = format!(
                "samples of one structure {}; eight structures {}",
                samples.map(times).join(", "),
                structures.map_or_else(|| "–".to_owned(), times)
            );
            Some(Measured {
                text,
                verdict: format!("{} where samples share a structure, and only there", pays(samples[2])),
            })
        },
    },
    Claim {
        technique: "length scaling",
        literature: "",
        published: "untested",
        measured: |records| {
            let (encode, decode) = (
                records.finding("length_scaling", "encode_exponent")?,
                records.finding("length_scaling", "decode_exponent")?,
            );
            let last = records.rows("length_scaling", "encode, ").last()?;
            Some(Measured {
                text: format!(
                    "encoder N^{encode:.2}, decoder N^{decode:.2}, up to {} residues",
                    number(last.residues as f64)
                ),
                verdict: if encode < 1.1 && decode < 1.1 { "linear".to_owned() } else { "more than linear".to_owned() },
            })
        },
    },
    Claim {
        technique: "vectorized k-NN",
        literature: "5–10 ×",
        published: "untested; later 1.31 × of the search",
        measured: |records| {
            let vectorized = records
                .rows("graph_construction", "brute force, vectorized")
                .filter(|row| row.speedup != 1.0)
                .map(|row| row.speedup);
            let (least, most) = vectorized.fold((f64::INFINITY, 0.0f64), |(l, m), s| (l.min(s), m.max(s)));
            let forward = records.row("baseline", "forward")?;
            let search = records.rows("graph_construction", "tree of boxes, 100 ").next()?;
            let crossover = records.finding("graph_construction", "crossover_residues");
            let meets = crossover
                .map_or_else(String::new, |residues| format!("; a tree wins from about {} residues", number(residues)));
            Some(Measured {
                text: format!("{least:.0}–{most:.0} × over sorting{meets}"),
                verdict: format!(
                    "pays in the search, which is {} % of a forward pass",
                    number(100.0 * search.median_ms / forward.median_ms)
                ),
            })
        },
    },
    Claim {
        technique: "pruning to 2 + 2 layers of 64 (\"Minimal\")",
        literature: "",
        published: "1.84–1.93 × with \"no loss\", on random weights",
        measured: |records| {
            let minimal = records.rows("pruning", "untrained \"Minimal\"").next()?;
            let kept = records.row("pruning", "2 + 2 layers")?;
            Some(Measured {
                text: format!(
                    "{}, recovery {} %: chance. Two of three layers of the trained network: {}, {}",
                    times(minimal.speedup),
                    number(100.0 * minimal.quality.as_ref()?.recovery),
                    times(kept.speedup),
                    loses(kept)?
                ),
                verdict: "not without training: the claimed accuracy was noise".to_owned(),
            })
        },
    },
    Claim {
        technique: "\"EXTREME\", \"EXTREME-v2\"",
        literature: "",
        published: "7.01 ×, 8.18 × with batches of 8, on random weights",
        measured: |records| {
            let [first, second] = ["untrained \"EXTREME\":", "untrained \"EXTREME-v2\":"]
                .map(|name| records.rows("pruning", name).next());
            let (first, second) = (first?, second?);
            Some(Measured {
                text: format!(
                    "{}, {} without batches; recovery {}, {} %",
                    times(first.speedup),
                    times(second.speedup),
                    number(100.0 * first.quality.as_ref()?.recovery),
                    number(100.0 * second.quality.as_ref()?.recovery)
                ),
                verdict: "a fast network that knows nothing".to_owned(),
            })
        },
    },
    Claim {
        technique: "k = 32",
        literature: "",
        published: "1.27–1.30 ×",
        measured: |records| neighbors(records, "k = 32"),
    },
    Claim {
        technique: "k = 16",
        literature: "",
        published: "1.70–1.83 ×, \"5.3 % loss\" on random weights",
        measured: |records| neighbors(records, "k = 16"),
    },
    Claim {
        technique: "k = 12",
        literature: "",
        published: "1.83 ×",
        measured: |records| neighbors(records, "k = 12"),
    },
    Claim {
        technique: "KV caching",
        literature: "9.44 ×; 10–50 × for long sequences",
        published: "\"not applicable\"",
        measured: |records| {
            let states = records.row("kv_cache", "node states cached")?;
            let edges = records.row("kv_cache", "edge projections cached")?;
            let messages = records.row("kv_cache", "first-layer messages memoized")?;
            Some(Measured {
                text: format!(
                    "node states {} over nothing; edge projections {} more, first-layer messages {} more",
                    times(states.speedup),
                    times(edges.speedup / states.speedup),
                    times(messages.speedup / edges.speedup)
                ),
                verdict: "the published code caches node states already; the edges' share is what is left to gain"
                    .to_owned(),
            })
        },
    },
    Claim {
        technique: "flash attention",
        literature: "10–20 ×",
        published: "untested",
        measured: |records| {
            let fused: Vec<&Row> = records.rows("fused_attention", "fused tiles").collect();
            let gains = fused.iter().map(|row| times(row.speedup)).collect::<Vec<_>>().join(", ");
            let bytes = |row: &Row| row.more.get("message_bytes").and_then(serde_json::Value::as_f64);
            let plain = records.rows("fused_attention", "materialized, as published").last().and_then(bytes)?;
            let tile = fused.last().copied().and_then(bytes)?;
            Some(Measured {
                text: format!(
                    "{gains} for the encoder; {} MB of messages become {} kB of tiles",
                    number(plain / 1e6),
                    number(tile / 1e3)
                ),
                verdict: format!("{}: 48 neighbors are no long sequence", pays(fused.last()?.speedup)),
            })
        },
    },
    Claim {
        technique: "mixed lengths, bucketed",
        literature: "2–4 ×",
        published: "untested",
        measured: |records| {
            let (buckets, ragged) =
                (records.row("mixed_lengths", "padded to buckets")?, records.rows("mixed_lengths", "ragged").next()?);
            Some(Measured {
                text: format!("buckets {}, no padding at all {}", times(buckets.speedup), times(ragged.speedup)),
                verdict: "true of padded batches; better not to pad".to_owned(),
            })
        },
    },
    Claim {
        technique: "int8, quantization",
        literature: "1.5–3 ×, below 1 % loss",
        published: "failed: not supported",
        measured: |records| {
            let (q16, int8) =
                (records.row("quantization", "q16")?, records.row("quantization", "int8, whole network")?);
            let (quality, eight) = (q16.quality.as_ref()?, int8.quality.as_ref()?);
            let enough = q16.speedup >= 1.3 && quality.argmax_agreement >= 0.995;
            Some(Measured {
                text: format!(
                    "q16 {} with {:.2} % of the likeliest letters; int8 {:.2} % (accuracy only)",
                    times(q16.speedup),
                    100.0 * quality.argmax_agreement,
                    100.0 * eight.argmax_agreement
                ),
                verdict: if enough {
                    "12 bits pay at no loss; 7 bits change letters".to_owned()
                } else {
                    format!(
                        "q16 misses its aim of 1.3 × and 99.5 %: {}, {:.2} %",
                        times(q16.speedup),
                        100.0 * quality.argmax_agreement
                    )
                },
            })
        },
    },
    Claim {
        technique: "speculative decoding",
        literature: "1.5–2.5 ×",
        published: "untested",
        measured: |records| {
            let levels = records.row("speculative", "by levels, T = 0.1")?;
            let colored = records.row("speculative", "by levels of a colored order, T = 0.1")?;
            let drafts = records.row("speculative", "draft and verify, T = 0.1")?;
            let steps = |row: &Row| {
                row.more.get("steps").and_then(serde_json::Value::as_f64).map_or_else(|| "–".to_owned(), number)
            };
            Some(Measured {
                text: format!(
                    "levels {} ({} steps), colors {} ({}), draft and verify {} ({}), all exact",
                    times(levels.speedup),
                    steps(levels),
                    times(colored.speedup),
                    steps(colored),
                    times(drafts.speedup),
                    steps(drafts)
                ),
                verdict: format!(
                    "few steps, but each computes every residue: drafting {} on a processor",
                    pays(drafts.speedup)
                ),
            })
        },
    },
    Claim {
        technique: "processes",
        literature: "",
        published: "recommended, untested",
        measured: |records| {
            let threads = records.row("pipeline_parallel", "a structure a thread")?;
            let shared = records.row("pipeline_parallel", "threads share a structure")?;
            let processes = records.row("pipeline_parallel", "a process a processor, one thread each");
            let processes =
                processes.map_or_else(String::new, |row| format!("; a process a processor {}", times(row.speedup)));
            Some(Measured {
                text: format!(
                    "two threads on a structure {}, a structure a thread {}{processes}",
                    times(shared.speedup),
                    times(threads.speedup)
                ),
                verdict: "any of them; threads need one copy of the weights".to_owned(),
            })
        },
    },
    Claim {
        technique: "caching features",
        literature: "",
        published: "recommended, untested",
        measured: |records| {
            let (one, eight) = (
                records.row("feature_cache", "1 design from a saved encoding")?,
                records.row("feature_cache", "8 designs from a saved encoding")?,
            );
            let bytes = one.more.get("file_bytes").and_then(serde_json::Value::as_f64)?;
            Some(Measured {
                text: format!(
                    "{} for one design, {} for eight; {} MB a structure",
                    times(one.speedup),
                    times(eight.speedup),
                    number(bytes / 1e6)
                ),
                verdict: format!("{} where few designs are drawn", pays(one.speedup)),
            })
        },
    },
    Claim {
        technique: "filtering before validation",
        literature: "",
        published: "recommended, untested",
        measured: |records| {
            let rows: Vec<&Row> = records.rows("filtering", "").collect();
            let (first, last) = (rows.first()?, rows.last()?);
            let of = |row: &Row, name: &str| row.more.get(name).and_then(serde_json::Value::as_f64);
            Some(Measured {
                text: format!(
                    "the best 8 of {} score {} nats, all of 8 {}; {} kept a second instead of {}",
                    last.sequences,
                    number(of(last, "kept_mean_score")?),
                    number(of(first, "kept_mean_score")?),
                    number(of(last, "kept_per_s")?),
                    number(of(first, "kept_per_s")?)
                ),
                verdict: format!(
                    "nearly free: {} % of a validator's {} s a design",
                    number(100.0 * of(last, "share_of_validation")?),
                    number(of(last, "validator_s")?)
                ),
            })
        },
    },
];

fn half(records: &StudyRecords, storage: &str, whole: &str) -> Option<Measured> {
    let (stored, all) = (records.row("precision", storage)?, records.row("precision", whole)?);
    let (stored_quality, quality) = (stored.quality.as_ref()?, all.quality.as_ref()?);
    let lost = quality.neighbors_lost.map_or_else(|| "–".to_owned(), |share| number(100.0 * share));
    Some(Measured {
        text: format!(
            "storage {}, {:.2} % of the likeliest letters; distances halved too {:.1} %, up to {lost} % of a structure's neighbors lost",
            times(stored.speedup),
            100.0 * stored_quality.argmax_agreement,
            100.0 * quality.argmax_agreement
        ),
        verdict: format!("{} here; never halve distances", pays(stored.speedup)),
    })
}

fn neighbors(records: &StudyRecords, name: &str) -> Option<Measured> {
    let row = records.row("k_neighbors", name)?;
    let quality = row.quality.as_ref()?;
    let base = records.row("k_neighbors", "k = 48")?.quality.as_ref()?;
    Some(Measured {
        text: format!(
            "{}; perplexity {} instead of {}",
            times(row.speedup),
            number(quality.perplexity),
            number(base.perplexity)
        ),
        verdict: loses(row)?,
    })
}
