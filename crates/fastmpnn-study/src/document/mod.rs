//! `docs/optimization-study.md`, written from the records of a full run: what is claimed beside what was measured.

mod claims;

use std::fmt::Write as _;

use claims::{CLAIMS, Measured, signed, times};

use crate::numerals::number;
use crate::records::StudyRecords;

const INTRODUCTION: &str = "\
A published study tried to make ProteinMPNN faster on an M3 Pro with PyTorch's MPS backend
([ktretina/ProteinMPNN_apx](https://github.com/ktretina/ProteinMPNN_apx), February 2026), and concluded that the baseline was
good and bound by memory's bandwidth. Much of the list stayed untested, and the accuracies of its follow-up are those of networks
with random weights. Here the whole list is measured on trained weights, with accuracy beside every speed, by one command:

```sh
fastmpnn bench study -o study 5L33.pdb more.pdb …
```

`study/report.html` shows all of it as plots and tables. What follows is written from a committed run
([bench/record/study](../bench/record/study)) by `cargo run --release -p fastmpnn-study --example write_document`; a test holds
the two together.
";

const METHOD: &str = "\
## How it is measured

- The variants of an experiment are timed in one run, in turn, there and back; times are medians. A variant's answer is checked
  before it is timed: what must equal our f32 does so within 10⁻⁴ in ln p and letter by letter in its designs.
- Accuracy is that of the same structures beside our f32, which is the published code's within 10⁻⁴ (docs/numerics.md).
- Quality is that of designs for a panel of structures, recovery first averaged within a structure. Differences are paired by
  structure; their 95 % intervals are those of a bootstrap over structures.
- Memory is the peak of a process of its own that does the variant once.
- What the library does not offer is built for the study: the network operation by operation on whole tensors, with the
  library's own matrix products, so that the order of the work is compared and not one product with another.
- Networks with random weights are marked as not trained; their recovery is chance.
";

const APPLE: &str = "\
## What would differ on Apple Silicon

Nothing here was run on a Mac. From what these numbers depend on, one would expect:

- **Bound by computing, more so.** A performance core of an M3 reads memory at several times the rate of one here, so the ridge of
  the roofline lies further left: even the stages that are near memory's limit here would be bound by computing.
- **The GPU's 14.8 ms are launches.** A forward pass of 5L33 is 82 MFLOP a residue as published, 8.7 GFLOP in all: a few ms of an
  M3 Pro's GPU. That batching gave only 1.26 × and half the width 1.57 × says that time went to starting hundreds of small
  operations and to writing their tensors. Fusing is what would help there, as it does here.
- **Half precision is native.** Apple's cores and GPU multiply f16 at twice the rate of f32. What is an accuracy without a saving
  here would be a saving there. Distances must stay f32 there too.
- **Integers.** NEON has `sdot` for bytes and `smlal` for 16-bit integers; the latter does not double the rate of f32 as
  `vpdpwssd` does, so q16 would gain less, and the question of int8's accuracy would matter more.
- **Exact orders.** Levels and colors help a GPU more than a processor: its cost is steps, not residues. Draft and verify, which
  trades computing for fewer steps, is worth trying there first.
";

/// The document, from the records of a run.
pub fn document(records: &StudyRecords) -> String {
    let mut text = String::from("# The optimization study\n\n");
    text += INTRODUCTION;
    text += "\n## Claimed and measured\n\n| technique | claimed in the literature | published, M3 Pro | measured here | verdict |\n| --- | --- | --- | --- | --- |\n";
    let dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    for claim in &CLAIMS {
        let (measured, verdict) = match (claim.measured)(records) {
            Some(Measured { text, verdict }) => (text, verdict),
            None => ("not measured in this run".to_owned(), String::new()),
        };
        let (literature, published) = (dash(claim.literature), dash(claim.published));
        put(
            &mut text,
            format_args!("| {} | {literature} | {published} | {measured} | {} |\n", claim.technique, dash(&verdict)),
        );
    }
    text += "\nClaims are those that the published study lists; its own measurements are of 5L33, 106 residues. Ratios are over the first\nvariant of each experiment here; times of different machines are not compared.\n\n";
    if let Some(sentence) = records.spread_sentence() {
        put(&mut text, format_args!("{sentence}\n\n"));
    }
    if let Some(roofline) = roofline(records) {
        text += &roofline;
    }
    if let Some(neighbors) = neighbor_table(records) {
        text += &neighbors;
    }
    text += METHOD;
    text += "\n";
    text += APPLE;
    if let Some(machine) = records.machine() {
        let structures = records.experiments.first().map(|record| record.settings.panel.join(", ")).unwrap_or_default();
        put(
            &mut text,
            format_args!(
                "\n---\n\n{}{}, {} processors, {}; FastMPNN {}, {}; {}. Panel: {structures}.\n",
                machine.cpu,
                if machine.cpu_identification.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", machine.cpu_identification)
                },
                machine.cores,
                machine.isa,
                machine.fastmpnn,
                machine.checkpoint,
                machine.date,
            ),
        );
    }
    text
}

/// Writing to a String cannot fail.
fn put(text: &mut String, part: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(part);
}

fn roofline(records: &StudyRecords) -> Option<String> {
    let measured = records.roofline.as_ref()?;
    let mut text = String::from("## Memory or computing\n\n");
    let by_memory: Vec<&str> =
        measured.stages.iter().filter(|stage| stage.bound_by == "memory").map(|stage| stage.stage.as_str()).collect();
    let verdict = if by_memory.is_empty() {
        "Every stage is bound by computing: the conclusion that the network is bound by bandwidth does not hold for a fused one."
            .to_owned()
    } else {
        format!("Bound by memory: {}. All else is bound by computing.", by_memory.join("; "))
    };
    put(
        &mut text,
        format_args!(
            "{} threads of this machine do {} GFLOP/s of multiply-adds from registers and read {} GB/s from memory: above {}\noperations a byte computing binds. {verdict}\n\n",
            measured.settings.threads,
            number(measured.peak_gflops),
            number(measured.read_gb_s),
            number(measured.ridge_flop_per_byte),
        ),
    );
    text += "| stage | ms | GFLOP | MB | FLOP a byte | GFLOP/s | of the peak | GB/s | of the bandwidth |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for stage in &measured.stages {
        put(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | {} | {:.0} % | {} | {:.0} % |\n",
                stage.stage,
                number(stage.median_ms),
                number(stage.gflop),
                number(stage.megabytes),
                number(stage.flop_per_byte),
                number(stage.gflops),
                100.0 * stage.share_of_peak,
                number(stage.gb_s),
                100.0 * stage.share_of_bandwidth,
            ),
        );
    }
    text += "\n";
    Some(text)
}

/// What a smaller graph loses, row by row.
fn neighbor_table(records: &StudyRecords) -> Option<String> {
    let record = records.record("k_neighbors")?;
    let first = record.rows.iter().find_map(|row| row.quality.as_ref())?;
    let mut text = String::from("## How much does a smaller graph lose?\n\n");
    put(
        &mut text,
        format_args!(
            "On {} structures, {} residues, {} designs of each at T = {}:\n\n| k | times as fast | recovery, % | less than k = 48, points (95 %) | perplexity | likeliest letter as with 48, % |\n| --- | --- | --- | --- | --- | --- |\n",
            first.structures,
            number(first.residues as f64),
            first.sequences,
            record.settings.temperature,
        ),
    );
    for row in &record.rows {
        let Some(quality) = &row.quality else { continue };
        let [low, high] = quality.recovery_difference_95.map(|end| 100.0 * end);
        put(
            &mut text,
            format_args!(
                "| {} | {} | {:.1} | {} ({} to {}) | {} | {:.1} |\n",
                row.variant.trim_start_matches("k = "),
                times(row.speedup),
                100.0 * quality.recovery,
                signed(100.0 * quality.recovery_difference),
                signed(low),
                signed(high),
                number(quality.perplexity),
                100.0 * quality.argmax_agreement,
            ),
        );
    }
    text += "\nThe network was trained with 48: a network trained with fewer would lose less than one that has them taken away.\n\n";
    Some(text)
}
