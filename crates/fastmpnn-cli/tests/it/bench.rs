//! `fastmpnn bench`.

use serde_json::Value;

use crate::program::{example, fastmpnn};
use crate::published_checkpoint::published;

fn record(arguments: &[&str]) -> Value {
    let out = fastmpnn(arguments).success();
    assert_eq!(out.lines().count(), 1, "{out}");
    serde_json::from_str(&out).unwrap()
}

fn number(record: &Value, field: &str) -> f64 {
    record[field].as_f64().unwrap_or_else(|| panic!("no number {field} in {record}"))
}

#[test]
fn times_are_consistent_with_each_other() {
    let file = example("6MRR.pdb");
    let time = |task: &str, more: &[&str]| {
        let arguments = ["bench", "time", &file, "--task", task, "--repeats", "3", "--warmup", "0", "--json"];
        let record = record(&[&arguments, more].concat());
        assert_eq!(record["task"], task);
        assert_eq!(record["residues"], 68);
        assert_eq!(record["precision"], "f32");
        assert_eq!(record["checkpoint"], "v_48_020");
        assert!(number(&record, "min_ms") > 0.0 && number(&record, "min_ms") <= number(&record, "median_ms"));
        assert!(number(&record, "std_ms") >= 0.0);
        let gflops = number(&record, "gflop") / number(&record, "median_ms") * 1e3;
        assert!((number(&record, "gflops") / gflops - 1.0).abs() < 1e-9);
        assert!((number(&record, "peak_share") - gflops / number(&record, "peak_gflops")).abs() < 1e-9);
        if cfg!(target_os = "linux") {
            assert!(number(&record, "peak_rss_mb") > 1.0);
        }
        record
    };
    let forward = time("forward", &["--threads", "1"]);
    let encode = time("encode", &["--threads", "2"]);
    let design = time("design", &["--num-seqs", "3"]);
    assert_eq!((&forward["sequences"], &encode["sequences"], &design["sequences"]), (&1.into(), &0.into(), &3.into()));
    assert_eq!((&forward["threads"], &encode["threads"]), (&1.into(), &2.into()));
    assert!(number(&encode, "gflop") < number(&forward, "gflop"));
    assert!(number(&forward, "gflop") < number(&design, "gflop"));
    // 41.9 MFLOP per residue.
    assert!((number(&forward, "gflop") / (68.0 * 41.88e-3) - 1.0).abs() < 1e-3, "{forward}");
}

#[test]
fn packing_is_timed_by_the_packing() {
    let name = "ligandmpnn_sc_v_32_002_16";
    if published(name).is_none() {
        return;
    }
    let file = example("6MRR.pdb");
    let time = |packs: &str| {
        let arguments =
            ["bench", "time", &file, "--task", "pack", "--num-seqs", packs, "--repeats", "2", "--warmup", "0"];
        record(&[&arguments[..], &["--json"]].concat())
    };
    let (one, three) = (time("1"), time("3"));
    for (record, packs) in [(&one, 1), (&three, 3)] {
        assert_eq!((&record["task"], &record["checkpoint"]), (&"pack".into(), &name.into()));
        assert_eq!((&record["residues"], &record["sequences"]), (&68.into(), &packs.into()));
        assert!(number(record, "min_ms") > 0.0 && number(record, "min_ms") <= number(record, "median_ms"));
    }
    // Packings share the encoding.
    let (one, three) = (number(&one, "gflop"), number(&three, "gflop"));
    assert!(one < three && three < 3.0 * one, "{one} and {three} GFLOP");
    let error = fastmpnn(&["bench", "time", &file, "--task", "pack", "--precision", "q16"]).failure(2);
    assert!(error.contains("side chains are packed in f32"), "{error}");
}

#[test]
fn a_time_is_told_to_people_too() {
    let file = example("6MRR.pdb");
    let out = fastmpnn(&["bench", "time", &file, "--repeats", "1", "--threads", "1"]).success();
    assert!(out.contains("6MRR.pdb: forward, 68 residues; v_48_020, f32, "), "{out}");
    for part in [" ms median, ", " mean of 1\n", " GFLOP/s\npeak    "] {
        assert!(out.contains(part), "{part}:\n{out}");
    }
}

#[test]
fn what_cannot_be_timed_is_an_error() {
    let error = fastmpnn(&["bench", "time", "nosuch.pdb"]).failure(2);
    assert!(error.starts_with("error: nosuch.pdb: cannot be read: "), "{error}");
    fastmpnn(&["bench", "time", &example("6MRR.pdb"), "--repeats", "0"]).failure(2);
    fastmpnn(&["bench"]).failure(2);
}

#[test]
fn every_kernel_has_a_rate() {
    let record = record(&["bench", "kernels", "--json"]);
    let kernels = record["kernels"].as_array().unwrap();
    let named = |name: &str| kernels.iter().filter(|row| row["operation"] == name).count();
    let names = ["matmul", "matmul_gelu", "edge_gelu", "matmul_gelu_sum", "matmul_accumulate"];
    assert_eq!(names.map(named), [4, 4, 2, 2, 4]);
    assert_eq!(["layer_norm", "gather_gelu", "radial_basis", "radial_product"].map(named), [1, 1, 1, 1]);
    assert!(kernels.iter().all(|row| number(row, "rate") > 0.0), "{record}");
}

#[test]
fn the_peak_is_measured() {
    let record = record(&["bench", "peak", "--threads", "2", "--json"]);
    assert_eq!(record["threads"], 2);
    for rates in [&record["one_thread"], &record["all_threads"]] {
        for rate in ["gflops", "gb_s"] {
            let (median, best) = (number(rates, &format!("median_{rate}")), number(rates, &format!("best_{rate}")));
            assert!(median > 0.0 && median <= best, "{record}");
        }
    }
    assert!(number(&record, "buffer_mb") > 0.0);
}
