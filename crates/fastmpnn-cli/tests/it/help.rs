//! The help is the reference of the program: it changes only on purpose.

use std::fs;
use std::path::PathBuf;

use crate::program::fastmpnn;

/// If set, the snapshots are rewritten instead of compared.
const UPDATE: &str = "FASTMPNN_UPDATE_SNAPSHOTS";

fn compare(name: &str, arguments: &[&str]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    let help = fastmpnn(arguments).success();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, help).unwrap();
        return;
    }
    // A checkout may have converted the line ends.
    let expected = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(help == expected, "{name} differs; {UPDATE}=1 cargo test writes it anew. The program says:\n{help}");
}

#[test]
fn the_help_is_as_committed() {
    compare("help.txt", &["--help"]);
    compare("design.txt", &["design", "--help"]);
    compare("score.txt", &["score", "--help"]);
    compare("scan.txt", &["scan", "--help"]);
    compare("probs.txt", &["probs", "--help"]);
    compare("pack.txt", &["pack", "--help"]);
    compare("rank.txt", &["rank", "--help"]);
    compare("collect.txt", &["collect", "--help"]);
    compare("encode.txt", &["encode", "--help"]);
    compare("info.txt", &["info", "--help"]);
    compare("serve.txt", &["serve", "--help"]);
    compare("compat.txt", &["compat", "--help"]);
    compare("membrane.txt", &["membrane", "--help"]);
    compare("bench.txt", &["bench", "--help"]);
    compare("bench_peak.txt", &["bench", "peak", "--help"]);
    compare("bench_time.txt", &["bench", "time", "--help"]);
    compare("bench_structures.txt", &["bench", "structures", "--help"]);
    compare("bench_kernels.txt", &["bench", "kernels", "--help"]);
    compare("weights.txt", &["weights", "--help"]);
    compare("weights_list.txt", &["weights", "list", "--help"]);
    compare("weights_get.txt", &["weights", "get", "--help"]);
    compare("weights_convert.txt", &["weights", "convert", "--help"]);
    compare("weights_info.txt", &["weights", "info", "--help"]);
    compare("bench_study.txt", &["bench", "study", "--help"]);
}

#[test]
fn the_version_names_instruction_set_and_checkpoint() {
    let version = fastmpnn(&["--version"]).success();
    let expected = concat!("fastmpnn ", env!("CARGO_PKG_VERSION"), " (");
    assert!(version.starts_with(expected), "{version}");
    let (first, second) = version.trim_end().split_once('\n').unwrap();
    assert!(first.ends_with(", v_48_020)"), "{version}");
    // The hash is the same as in `weights list` and settings.json.
    let sha256 = fastmpnn::weights::PublishedCheckpoint::named("v_48_020").unwrap().sha256;
    assert_eq!(second, format!("SHA-256 of the published v_48_020: {sha256}"));
    let list = fastmpnn(&["weights", "list"]).success();
    let line =
        list.lines().find(|line| line.contains(" proteinmpnn_v_48_020 ") || line.starts_with("proteinmpnn_v_48_020"));
    assert!(line.unwrap().ends_with(sha256), "{list}");
}

#[test]
fn a_forced_instruction_set_is_used() {
    let mut command = crate::program::command(&["-V"]);
    command.env("FASTMPNN_ISA", "scalar");
    let version = crate::program::finish(command).success();
    assert!(version.contains("(scalar, "), "{version}");
}
