//! The document's sentences follow the numbers of its records: on either side of a threshold they say the opposite.

use fastmpnn_study::document::document;
use fastmpnn_study::record::{ExperimentRecord, Row};
use fastmpnn_study::records::StudyRecords;

use crate::made_up::{Change, quality, record, records, roofline, row, stage};

/// A cell of a technique's line in the document: 3 is what was measured, 4 the verdict.
fn cell(records: &StudyRecords, technique: &str, column: usize) -> String {
    let text = document(records);
    let line = text.lines().find(|line| line.starts_with(&format!("| {technique} |"))).expect("a line of the table");
    line.trim_matches('|').split('|').nth(column).expect("a cell").trim().to_owned()
}

fn verdict(technique: &str, experiments: Vec<ExperimentRecord>) -> String {
    cell(&records(experiments), technique, 4)
}

#[test]
fn a_missing_experiment_has_no_verdict() {
    assert_eq!(verdict("k = 32", Vec::new()), "–");
    assert_eq!(cell(&records(Vec::new()), "k = 32", 3), "not measured in this run");
}

#[test]
fn times_are_medians() {
    // The mean is half as long again.
    let made = records(vec![record("baseline", vec![row("forward, the published protocol", 40.0)])]);
    let measured = cell(&made, "baseline, 5L33, batch 1", 3);
    assert_eq!(measured, "median 40.0 ms (standard deviation 0.800), 2,500 residues/s");
}

#[test]
fn half_precision_is_faster_slower_or_neither_and_keeps_letters_or_not() {
    let of = |ms: f64, spread: f64, stored: f64, whole: f64| {
        let base = row("f32", 100.0).group("storage").spread(spread);
        let storage = row("bf16", ms).group("storage").spread(spread).with_quality(quality(stored));
        let all = row("all in bf16, distances too", 300.0).group("all in half").with_quality(quality(whole));
        verdict("bf16", vec![record("precision", vec![base, storage, all])])
    };
    let tail = ", less than claimed, letters kept; all in half precision, distances too: letters changed";
    assert_eq!(of(94.0, 0.0, 0.995, 0.9949), format!("storage: faster{tail}"));
    assert_eq!(of(96.0, 0.0, 0.995, 0.9949), format!("storage: no difference{tail}"));
    assert_eq!(of(104.0, 0.0, 0.995, 0.9949), format!("storage: no difference{tail}"));
    assert_eq!(of(106.0, 0.0, 0.995, 0.9949), format!("storage: slower{tail}"));
    // 0.93 × and 1.07 × alike, where the runs spread by more than that.
    assert_eq!(of(100.0 / 0.93, 0.1, 0.995, 0.9949), format!("storage: no difference{tail}"));
    assert_eq!(of(93.0, 0.1, 0.995, 0.9949), format!("storage: no difference{tail}"));
    assert!(
        of(50.0, 0.0, 0.9949, 0.995)
            .ends_with("as claimed, letters changed; all in half precision, distances too: letters kept")
    );
}

#[test]
fn few_runs_say_nothing() {
    let rows = vec![row("padded to the longest", 300.0), row("padded to buckets", 100.0), row("ragged", 90.0)];
    let few = rows.iter().cloned().map(|row| Row { runs: 2, ..row }).collect();
    let technique = "mixed lengths, bucketed";
    let tell = "too few runs to tell";
    assert_eq!(
        verdict(technique, vec![record("mixed_lengths", few)]),
        format!("buckets over padding to the longest: {tell}; no padding over buckets: {tell}")
    );
    assert_eq!(
        verdict(technique, vec![record("mixed_lengths", rows)]),
        "buckets over padding to the longest: much faster, as claimed; no padding over buckets: faster"
    );
}

#[test]
fn compiling_is_set_beside_fusing_by_hand() {
    let of = |inductor: f64| {
        let rows = vec![
            row("operation by operation, as published", 120.0),
            row("fused by hand", 60.0),
            row("torch, eager", 240.0),
            row("torch, inductor", inductor),
        ];
        verdict("torch.compile, fusing", vec![record("compile", rows)])
    };
    let hand = "by hand: much faster, more than claimed; compiled";
    assert_eq!(of(200.0), format!("{hand}: faster, less than claimed, but less than by hand"));
    assert_eq!(of(118.0), format!("{hand}: much faster, more than claimed, as much as by hand"));
    assert_eq!(of(80.0), format!("{hand}: much faster, more than claimed, and more than by hand"));
    assert_eq!(of(250.0), format!("{hand}: no difference, less than claimed, but less than by hand"));
}

#[test]
fn batches_of_samples_and_of_structures_are_judged_apart() {
    let of = |eight_samples: f64, eight_structures: f64| {
        let sample = |count: u64, ms: f64| {
            let plural = if count == 1 { "" } else { "s" };
            row(&format!("{count} sample{plural}"), ms).with_sequences(count).group("samples of one structure")
        };
        let structures =
            Row { residues_per_s: 800.0 / eight_structures * 1e3, ..row("8 structures, one a thread", 1.0) };
        let rows = vec![
            sample(1, 10.0),
            sample(2, 15.0),
            sample(4, 20.0),
            sample(8, eight_samples),
            row("1 structure, all threads on each", 10.0).group("structures"),
            structures.group("structures"),
        ];
        verdict("batching 2, 4, 8", vec![record("batching", rows)])
    };
    assert_eq!(of(30.0, 80.0), "8 samples of one structure: much faster, as claimed; 8 structures: no difference");
    assert_eq!(
        of(79.0, 40.0),
        "8 samples of one structure: no difference, less than claimed; 8 structures: much faster"
    );
}

#[test]
fn growth_is_linear_only_near_an_exponent_of_one() {
    let of = |encode: f64, decode: f64| {
        let mut made = record("length_scaling", vec![row("encode, 100 residues", 10.0)]);
        made.findings.insert("encode_exponent".into(), encode.into());
        made.findings.insert("decode_exponent".into(), decode.into());
        verdict("length scaling", vec![made])
    };
    assert_eq!(of(1.09, 0.91), "linear");
    assert_eq!(of(1.11, 1.2), "more than linear");
    assert_eq!(of(1.0, 0.89), "encoder linear, decoder less than linear");
}

#[test]
fn a_search_matters_by_its_share_of_a_forward_pass() {
    let of = |forward: f64| {
        let rows = vec![
            row("brute force, plain loops, 100 residues", 10.0).group("100 residues"),
            row("brute force, vectorized, 100 residues", 2.0).group("100 residues"),
            row("tree of boxes, 100 residues", 2.0).group("100 residues"),
            // Nothing was sorted here: no gain over sorting.
            row("brute force, vectorized, 9000 residues", 90.0).group("9000 residues"),
        ];
        verdict(
            "vectorized k-NN",
            vec![record("graph_construction", rows), record("baseline", vec![row("forward", forward)])],
        )
    };
    let search = "search: at least much faster, as claimed";
    assert_eq!(of(41.0), format!("{search}; 4.88 % of a forward pass, too little to matter"));
    assert_eq!(of(39.0), format!("{search}; 5.13 % of a forward pass, enough to matter"));
}

#[test]
fn recovery_is_lost_where_the_interval_says_so_and_chance_is_chance() {
    let of = |interval: [f64; 2], untrained: f64| {
        let mut kept = quality(0.6);
        (kept.recovery_difference, kept.recovery_difference_95) = ((interval[0] + interval[1]) / 2.0, interval);
        let mut random = quality(0.1);
        random.recovery = untrained;
        let rows = vec![
            row("3 + 3 layers", 40.0).with_quality(quality(1.0)),
            row("2 + 2 layers", 30.0).with_quality(kept),
            row("untrained \"Minimal\": 2 + 2", 10.0).with_quality(random),
        ];
        verdict("pruning to 2 + 2 layers of 64 (\"Minimal\")", vec![record("pruning", rows)])
    };
    assert_eq!(
        of([-0.03, -0.01], 0.1),
        "untrained: much faster, recovery no better than chance; trained, two of three layers: faster, \
         recovery lost: −2.0 points (−3.0 to −1.0)"
    );
    let text = of([-0.03, 0.01], 0.11);
    assert!(text.contains("recovery better than chance"), "{text}");
    assert!(text.ends_with("no difference in recovery shown: −1.0 points (−3.0 to +1.0)"), "{text}");
    assert!(of([0.01, 0.03], 0.1).ends_with("recovery gained: +2.0 points (+1.0 to +3.0)"));
}

#[test]
fn small_untrained_networks_are_called_chance_one_by_one() {
    let random = |name: &str, ms: f64, recovery: f64| {
        let mut random = quality(0.1);
        random.recovery = recovery;
        row(&format!("untrained \"{name}\": 2 + 2"), ms).with_quality(random)
    };
    let rows = vec![row("3 + 3 layers", 40.0), random("EXTREME", 5.0, 0.06), random("EXTREME-v2", 41.0, 0.2)];
    assert_eq!(
        verdict("\"EXTREME\", \"EXTREME-v2\"", vec![record("pruning", rows)]),
        "the first: much faster, recovery no better than chance; the second: no difference, recovery better than chance"
    );
}

#[test]
fn fewer_neighbors_are_faster_or_slower() {
    let of = |ms: f64| {
        let rows = vec![row("k = 48", 40.0).with_quality(quality(1.0)), row("k = 32", ms).with_quality(quality(0.8))];
        verdict("k = 32", vec![record("k_neighbors", rows)])
    };
    let recovery = "no difference in recovery shown: 0.0 points (−1.0 to +1.0)";
    assert_eq!(of(30.0), format!("faster; {recovery}"));
    assert_eq!(of(40.0 * 4.0 / 3.0), format!("slower; {recovery}"));
    assert_eq!(of(20.0), format!("much faster; {recovery}"));
    assert_eq!(of(80.0), format!("much slower; {recovery}"));
}

#[test]
fn each_cache_is_judged_over_the_one_before() {
    let of = |edges: f64, messages: f64| {
        let rows = vec![
            row("nothing cached", 1000.0),
            row("node states cached", 100.0),
            row("edge projections cached", edges),
            row("first-layer messages memoized", messages),
        ];
        verdict("KV caching", vec![record("kv_cache", rows)])
    };
    let states = "node states, which the published code caches too: much faster; edge projections on top";
    assert_eq!(of(80.0, 79.0), format!("{states}: faster; first-layer messages on top: no difference"));
    assert_eq!(of(99.0, 60.0), format!("{states}: no difference; first-layer messages on top: much faster"));
}

#[test]
fn tiles_are_set_beside_what_is_claimed_of_flash_attention() {
    let of = |ms: f64| {
        let rows = vec![
            row("materialized, as published, 100 residues", 100.0).with("message_bytes", 1e6),
            row("fused tiles, 100 residues", ms).with("message_bytes", 1e3),
        ];
        verdict("flash attention", vec![record("fused_attention", rows)])
    };
    assert_eq!(of(40.0), "much faster, less than claimed (100 residues)");
    assert_eq!(of(8.0), "much faster, as claimed (100 residues)");
    assert_eq!(of(4.0), "much faster, more than claimed (100 residues)");
    assert_eq!(of(100.0), "no difference, less than claimed (100 residues)");
}

#[test]
fn both_aims_of_q16_are_met_or_missed_on_their_own() {
    let of = |ms: f64, q16: f64, int8: f64| {
        let rows = vec![
            row("f32", 130.0).group("forward"),
            row("q16", ms).group("forward").with_quality(quality(q16)),
            row("int8, whole network", 500.0).group("operation by operation").with_quality(quality(int8)),
        ];
        verdict("int8, quantization", vec![record("quantization", rows)])
    };
    let words = |speed: &str, letters: &str| {
        format!("{speed} its aim of 1.3 ×, {letters} that of 99.5 % of the letters; int8: ")
    };
    assert!(of(110.0, 0.9979, 0.97).contains(&(words("misses", "meets") + "letters changed")));
    assert!(of(99.0, 0.9979, 0.97).contains(&(words("meets", "meets") + "letters changed")));
    assert!(of(99.0, 0.99, 0.996).contains(&(words("meets", "misses") + "letters kept")));
    assert!(of(110.0, 0.99, 0.97).contains(&words("misses", "misses")));
}

#[test]
fn drafting_is_judged_by_its_time_and_its_steps() {
    let of = |drafts: f64, steps: f64, same: f64| {
        let mut drafting = row("draft and verify, T = 0.1", drafts).with("steps", steps);
        drafting.accuracy.same_letters = Some(same);
        let rows = vec![
            row("one at a time, T = 0.1", 20.0).with("steps", 100.0),
            row("by levels, T = 0.1", 15.0).with("steps", 50.0),
            row("by levels of a colored order, T = 0.1", 21.0).with("steps", 30.0),
            drafting,
        ];
        records(vec![record("speculative", rows)])
    };
    let technique = "speculative decoding";
    let tail = "; levels: faster; colors: no difference";
    assert_eq!(
        cell(&of(80.0, 10.0, 1.0), technique, 4),
        format!("drafting: much slower, less than claimed; its steps are fewer, but each computes every residue{tail}")
    );
    assert_eq!(
        cell(&of(10.0, 10.0, 1.0), technique, 4),
        format!("drafting: much faster, as claimed; its steps are fewer{tail}")
    );
    assert_eq!(
        cell(&of(80.0, 101.0, 1.0), technique, 4),
        format!("drafting: much slower, less than claimed; its steps are no fewer{tail}")
    );
    assert!(cell(&of(10.0, 10.0, 1.0), technique, 3).ends_with(", all exact"));
    assert!(cell(&of(10.0, 10.0, 0.99), technique, 3).ends_with(", not all exact"));
}

#[test]
fn threads_and_processes_are_set_beside_each_other() {
    let of = |apart: f64, several: f64| {
        let rows = vec![
            row("one thread", 100.0).group("in one process"),
            row("threads share a structure", 57.0).group("in one process"),
            row("a structure a thread", apart).group("in one process"),
            row("one process, one thread", 130.0).group("whole processes"),
            row("one process, all threads", 70.0).group("whole processes"),
            row("a process a processor, one thread each", several).group("whole processes"),
        ];
        verdict("processes", vec![record("pipeline_parallel", rows)])
    };
    let words = |threads: &str, processes: &str| {
        format!(
            "sharing a structure over one structure per thread: {threads}; one process with all threads over one per \
             processor: {processes}"
        )
    };
    assert_eq!(of(75.0, 108.0), words("faster", "much faster"));
    assert_eq!(of(57.0, 71.0), words("no difference", "no difference"));
    assert_eq!(of(50.0, 40.0), words("slower", "much slower"));
}

#[test]
fn a_saved_encoding_is_judged_for_one_design_and_for_eight() {
    let rows = vec![
        row("1 design from the structure", 45.0).group("1 design"),
        row("1 design from a saved encoding", 18.0).group("1 design").with("file_bytes", 1e6),
        row("8 designs from the structure", 79.0).with_sequences(8).group("8 designs"),
        row("8 designs from a saved encoding", 81.0).with_sequences(8).group("8 designs"),
    ];
    let text = verdict("caching features", vec![record("feature_cache", rows)]);
    assert_eq!(text, "1 design: much faster; 8 designs: no difference");
}

#[test]
fn filtering_is_nearly_free_only_below_a_twentieth() {
    let of = |share: f64, score: f64| {
        let drawn = |name: &str, score: f64| {
            let kept = row(name, 100.0).with("kept_mean_score", score).with("kept_per_s", 10.0);
            kept.with("share_of_validation", share).with("validator_s", 30.0)
        };
        let rows = vec![drawn("8 drawn, all kept", 0.8), drawn("32 drawn, the best 8 kept", score)];
        verdict("filtering before validation", vec![record("filtering", rows)])
    };
    assert_eq!(of(0.049, 0.7), "better designs kept, nearly free: 4.90 % of a validator's 30 s per design");
    assert_eq!(of(0.051, 0.8), "no better designs kept, not free: 5.10 % of a validator's 30 s per design");
}

#[test]
fn stages_are_bound_only_by_a_limit_that_they_come_near() {
    let text = document(&roofline(vec![stage("encoder", 0.5, 0.1), stage("decoder", 0.9, 0.2)]));
    assert!(text.contains("Every stage is bound by compute. No stage reads more than 20 % of what"), "{text}");
    let text = document(&roofline(vec![stage("encoder", 0.5, 0.1), stage("decoder", 0.49, 0.2)]));
    assert!(
        text.contains("Bound by compute: encoder. Near neither limit: decoder (49 % of the peak, 20 % of "),
        "{text}"
    );
    let text = document(&roofline(vec![stage("encoder", 0.3, 0.1), stage("decoder", 0.5, 0.51)]));
    assert!(!text.contains("Bound by compute"), "{text}");
    assert!(
        text.contains("Bound by memory, as the published study concluded of the whole network: decoder."),
        "{text}"
    );
    assert!(!text.contains("does not hold"), "{text}");
}

#[test]
fn a_machine_is_called_busy_where_the_runs_spread() {
    let of = |spread: f64| document(&records(vec![record("baseline", vec![row("forward", 40.0).spread(spread)])]));
    let busy = "other programs were running";
    assert!(of(0.11).contains("spread by 11 % of their median") && of(0.11).contains(busy));
    assert!(of(0.09).contains("spread by 9 % of their median") && !of(0.09).contains(busy));
}

/// The report's page of made-up rows, as `k_neighbors`.
fn page(rows: Vec<Row>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    record("k_neighbors", rows).write(folder.path()).expect("a record");
    fastmpnn_study::report::render(folder.path()).expect("a page")
}

#[test]
fn the_report_judges_each_ratio() {
    let of = |ms: f64, spread: f64| {
        let base = row("k = 48", 100.0).spread(spread);
        let page = page(vec![base, row("k = 32", ms).spread(spread)]);
        let cells: Vec<&str> = page.split("<td data-head=\"verdict\">").skip(1).collect();
        let verdicts = cells.into_iter().filter_map(|cell| cell.split('<').next());
        verdicts.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of(60.0, 0.02), ["–", "much faster"]);
    assert_eq!(of(93.0, 0.02), ["–", "faster"]);
    assert_eq!(of(93.0, 0.1), ["–", "no difference"]);
    assert_eq!(of(107.0, 0.1), ["–", "no difference"]);
    assert_eq!(of(107.0, 0.02), ["–", "slower"]);
    assert_eq!(of(160.0, 0.02), ["–", "much slower"]);
}

#[test]
fn emulated_numbers_have_no_verdict_on_their_time() {
    let emulated = Row { emulated: true, ..row("int8", 300.0) };
    let text = page(vec![row("f32", 100.0), emulated]);
    assert_eq!(text.matches("<td data-head=\"verdict\">–</td>").count(), 2, "{text}");
}

#[test]
fn the_report_fits_wide_and_narrow_pages() {
    let text =
        page(vec![row("k = 48", 100.0).with_quality(quality(1.0)), row("k = 32", 80.0).with_quality(quality(0.9))]);
    // Every picture is drawn for both; every number of a card stands behind its heading.
    let figures = text.matches("<figure><figcaption>").count();
    assert!(figures >= 2, "{figures} figures");
    for canvas in ["<div class=\"wide\"><svg", "<div class=\"narrow\"><svg"] {
        assert_eq!(text.matches(canvas).count(), figures, "{canvas}");
    }
    assert_eq!(text.matches("<td").count(), text.matches("<td data-head=\"").count());
    // Numbers keep their three digits.
    assert!(
        text.contains("<td data-head=\"median ms\">80.0</td>") && text.contains("<td data-head=\"std ms\">2.00</td>")
    );
}
