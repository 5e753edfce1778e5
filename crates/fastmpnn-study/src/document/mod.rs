//! `docs/optimization-study.md`, written from the records of a full run: each claim beside its measurement.

mod architecture;
mod arithmetic;
mod claim;
mod claims;
mod decoding;
mod workload;

use std::fmt::Write as _;

use claim::Answer;
use claims::CLAIMS;

use crate::numerals::{count, number, short, signed, times};
use crate::records::StudyRecords;
use crate::roofline::{BOUND_FROM, Limit, Roofline, Stage};
use crate::verdict::{CHANCE, FEWEST_RUNS, KEPT_LETTERS, LARGE_RATIO, LEAST_MARGIN, LINEAR_WITHIN};

const INTRODUCTION: &str = "\
A published study tried to make ProteinMPNN faster on an M3 Pro with PyTorch's MPS backend
([ktretina/ProteinMPNN_apx](https://github.com/ktretina/ProteinMPNN_apx), February 2026), and concluded that the baseline was
good and limited by memory bandwidth. Much of its list stayed untested, and its follow-up measured accuracy on networks with
random weights. Here the whole list is measured on trained weights, with the accuracy beside every speed, by one command:

```sh
fastmpnn bench study -o study 5L33.pdb more.pdb …
```

`study/report.html` shows all of it as plots and tables. The rest of this document is generated from a committed run
([bench/record/study](../bench/record/study)) by `cargo run --release -p fastmpnn-study --example write_document`; a test
checks that it matches the record.
";

const METHOD: &str = "\
## How it is measured

- The variants of an experiment are timed in one run, in turn, forward and then in reverse order; times are medians. A
  variant's answer is checked before it is timed: a variant that must equal our f32 agrees with it within 10⁻⁴ in ln p, and
  letter by letter in its designs.
- Accuracy is measured on the same structures against our f32, which is within 10⁻⁴ of the published code (docs/numerics.md).
- Quality is measured on designs for a panel of structures, with recovery first averaged within a structure. Differences are
  paired by structure; their 95 % intervals come from a bootstrap over structures.
- Memory is the peak of a separate process that runs the variant once.
- Variants that the library does not offer are built for the study: the network operation by operation on whole tensors.
  They use the library's own matrix products, so that the order of the work is compared, not different products.
- Networks with random weights are marked as not trained: only their speed is meaningful.
";

const APPLE: &str = "\
## What would differ on Apple Silicon

Nothing here was run on a Mac. From the hardware alone one would expect:

- **More room below memory's limit.** A performance core of an M3 reads memory at several times the rate of a server's core,
  so the ridge of the roofline lies further left, and bandwidth becomes the limit later.
- **The GPU's 14.79 ms are mostly launches.** A forward pass of 5L33 takes 82 MFLOP per residue as published, 8.7 GFLOP in
  all: a few ms on an M3 Pro's GPU. That the published study gained only 1.26 × from batches of 8 points to time spent starting hundreds of
  small operations and writing their tensors. Fusing them is what would help there.
- **Half precision is native.** Apple's cores and GPU multiply f16 at twice the rate of f32. Here f16 numbers are kept
  in f32 memory, so that only their accuracy is measured; there they could save time as well.
- **Integers.** NEON has `sdot` for bytes and `smlal` for 16-bit integers; the latter does not double the rate of f32 as
  `vpdpwssd` does, so q16 would gain less, and the accuracy of int8 would matter more.
- **Exact orders.** Levels and colors help a GPU more than a CPU, because its cost is steps, not residues. Draft and verify,
  which trades more computation for fewer steps, is worth trying there first.
";

/// The document, from the records of a run.
pub fn document(records: &StudyRecords) -> String {
    let mut text = String::from("# The optimization study\n\n");
    text += INTRODUCTION;
    text += "\n## Claimed and measured\n\n| technique | claimed in the literature | published, M3 Pro | measured here | verdict |\n| --- | --- | --- | --- | --- |\n";
    let dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    for claim in &CLAIMS {
        let (measured, verdict) = match (claim.answer)(claim, records) {
            Some(Answer { measured, verdict }) => (measured, verdict),
            None => ("not measured in this run".to_owned(), String::new()),
        };
        let (literature, published) = (dash(claim.literature), dash(claim.published));
        put(
            &mut text,
            format_args!("| {} | {literature} | {published} | {measured} | {} |\n", claim.technique, dash(&verdict)),
        );
    }
    text += "\nClaims are those that the published study lists; its own measurements are of 5L33, 106 residues. Ratios are relative to the first\nvariant of each group here; times of different machines are not compared.\n\n";
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
    text += &rules();
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

/// The rules of the verdicts, from the constants that they use.
fn rules() -> String {
    let percent = |share: f64| short(100.0 * share);
    format!(
        "## How it is judged\n\n\
         Every verdict above is computed from the record by these rules.\n\n\
         - A ratio of times is *faster* above 1 + m, *slower* below 1 / (1 + m), and *no difference* in between. The margin m adds\n  \
         in quadrature the standard deviations of the two variants' runs, each over its median; it is at least {} %. From {} × up\n  \
         the ratio is *much faster*, from 1 / {} down *much slower*. With fewer than {FEWEST_RUNS} runs there is no\n  \
         verdict. *Less than claimed* and *more than claimed* mean outside the claimed range by more than the margin.\n\
         - Recovery is *lost* or *gained* if the whole 95 % interval of the difference is on one side of zero.\n\
         - The letters are *kept* if at least {} % of the likeliest letters over the panel are those of f32.\n\
         - A recovery of at most {} % is *no better than chance*: leucine, the commonest residue, makes up about that share of\n  \
         all proteins.\n\
         - Growth is *linear* if the exponent is within {} of 1.\n\
         - A stage is *bound by* compute or memory if it reaches at least {} % of the peak or of the bandwidth, whichever\n  \
         share is larger.\n",
        percent(LEAST_MARGIN),
        short(LARGE_RATIO),
        short(LARGE_RATIO),
        percent(KEPT_LETTERS),
        percent(CHANCE),
        short(LINEAR_WITHIN),
        percent(BOUND_FROM),
    )
}

/// The limits of the stages, in words.
fn bound(measured: &Roofline) -> String {
    let of = |limit: Limit| measured.stages.iter().filter(move |stage| stage.limit() == limit);
    let named = |limit: Limit| of(limit).map(|stage| stage.stage.as_str()).collect::<Vec<_>>().join("; ");
    let mut sentences = Vec::new();
    if of(Limit::Computing).count() == measured.stages.len() {
        sentences.push("Every stage is bound by compute.".to_owned());
    } else if of(Limit::Computing).next().is_some() {
        sentences.push(format!("Bound by compute: {}.", named(Limit::Computing)));
    }
    if of(Limit::Neither).next().is_some() {
        let told = |stage: &Stage| {
            let shares = [stage.share_of_peak, stage.share_of_bandwidth].map(|share| 100.0 * share);
            format!("{} ({:.0} % of the peak, {:.0} % of the bandwidth)", stage.stage, shares[0], shares[1])
        };
        sentences.push(format!("Near neither limit: {}.", of(Limit::Neither).map(told).collect::<Vec<_>>().join("; ")));
    }
    if of(Limit::Memory).next().is_some() {
        sentences.push(format!(
            "Bound by memory, as the published study concluded of the whole network: {}.",
            named(Limit::Memory)
        ));
    } else if let Some(most) = measured.stages.iter().map(|stage| stage.share_of_bandwidth).reduce(f64::max) {
        sentences.push(format!(
            "No stage reads more than {:.0} % of what memory's bandwidth allows: the conclusion that the network is bound by \
             bandwidth does not hold for a fused one.",
            100.0 * most
        ));
    }
    sentences.join(" ")
}

fn roofline(records: &StudyRecords) -> Option<String> {
    let measured = records.roofline.as_ref()?;
    let mut text = String::from("## Memory or compute\n\n");
    put(
        &mut text,
        format_args!(
            "{} threads of this machine reach {} GFLOP/s of multiply-adds from registers and read {} GB/s from memory; the two\n\
             limits meet at {} operations per byte. {}\n\n",
            measured.settings.threads,
            number(measured.peak_gflops),
            number(measured.read_gb_s),
            number(measured.ridge_flop_per_byte),
            bound(measured),
        ),
    );
    text += "| stage | ms | GFLOP | MB | FLOP per byte | GFLOP/s | of the peak | GB/s | of the bandwidth | bound by |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for stage in &measured.stages {
        put(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | {} | {:.0} % | {} | {:.0} % | {} |\n",
                stage.stage,
                number(stage.median_ms),
                number(stage.gflop),
                number(stage.megabytes),
                number(stage.flop_per_byte),
                number(stage.gflops),
                100.0 * stage.share_of_peak,
                number(stage.gb_s),
                100.0 * stage.share_of_bandwidth,
                stage.limit().words(),
            ),
        );
    }
    text += "\n";
    Some(text)
}

/// The loss of accuracy in smaller graphs, row by row.
fn neighbor_table(records: &StudyRecords) -> Option<String> {
    let record = records.record("k_neighbors")?;
    let first = record.rows.iter().find_map(|row| row.quality.as_ref())?;
    let mut text = String::from("## How much does a smaller graph lose?\n\n");
    put(
        &mut text,
        format_args!(
            "On {} structures, {} residues, {} designs each at T = {}:\n\n| k | times as fast | recovery, % | difference from k = 48, points (95 %) | perplexity | same likeliest letter as with 48, % |\n| --- | --- | --- | --- | --- | --- |\n",
            first.structures,
            count(first.residues),
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
    text += "\nThe network was trained with 48 neighbors. One trained with fewer would probably lose less than one that is only\nrun with fewer.\n\n";
    Some(text)
}
