//! Options that cannot have an effect are refused, and negative numbers are values, not options.

use crate::program::{example, fastmpnn};
use crate::published_checkpoint::published;

fn refused(arguments: &[&str], sentence: &str) {
    let run = fastmpnn(arguments);
    assert_eq!(run.out, "", "{arguments:?}");
    let error = run.failure(2);
    let error = error.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
    assert!(error.contains(sentence), "{arguments:?}: {error}");
}

#[test]
fn options_that_change_nothing_are_refused() {
    let file = example("6MRR.pdb");
    let cases: [(&[&str], &str); 24] = [
        (&["design", "--num-packs", "8"], "--num-packs has no effect without --pack"),
        (&["design", "--denoising-steps", "2"], "--denoising-steps has no effect without --pack"),
        (&["design", "--num-samples", "4"], "--num-samples has no effect without --pack"),
        (&["design", "--packer", "x.pt"], "--packer has no effect without --pack"),
        (
            &["design", "--no-ligand"],
            "--no-ligand has no effect with v_48_020, which sees no ligands; --model ligand does",
        ),
        (&["design", "--side-chain-context", "--fix", "A1"], "--side-chain-context has no effect with v_48_020"),
        (&["design", "--ligand-cutoff", "8"], "--ligand-cutoff has no effect with v_48_020"),
        (&["score", "--no-ligand"], "--no-ligand has no effect with v_48_020"),
        (&["score", "--side-chain-context"], "--side-chain-context has no effect with v_48_020"),
        (&["probs", "--no-ligand"], "--no-ligand has no effect with v_48_020"),
        (&["score", "--order", "chain", "--num-orders", "5"], "--num-orders has no effect with --order chain"),
        (&["score", "--order", "chain", "--seed", "5"], "--seed has no effect with --order chain"),
        (
            &["scan", "--mode", "unconditional", "--num-orders", "2"],
            "--num-orders has no effect with --mode unconditional",
        ),
        (&["scan", "--order", "chain", "--seed", "2"], "--seed has no effect with --order chain"),
        (&["probs", "--logo-axis", "bits"], "--logo-axis has no effect without --logo"),
        (&["design", "--logo-axis", "probability"], "--logo-axis has no effect without --logo"),
        (&["probs", "--seed", "5"], "--seed has no effect with --mode unconditional"),
        (&["probs", "--order", "chain"], "--order has no effect with --mode unconditional"),
        (
            &["probs", "--mode", "conditional", "--order", "chain", "--seed", "5"],
            "--seed has no effect with --order chain",
        ),
        (&["probs", "--memory-limit", "1G"], "--memory-limit has no effect without --mode conditional"),
        (&["pack", "--memory-limit", "1G"], "--memory-limit has no effect on packing"),
        (&["pack", "--verbose"], "--verbose has no effect on packing"),
        (&["pack", "--precision", "bf16"], "--precision has no effect on packing: side chains are packed in f32"),
        (&["bench", "time", "--num-seqs", "5"], "--num-seqs has no effect with --task forward"),
    ];
    for (arguments, sentence) in cases {
        refused(&[arguments, &[&file]].concat(), sentence);
    }
    let out = tempfile::tempdir().unwrap();
    let study = ["bench", "study", "pruning", "--python", "python3", "-q", "-o", out.path().to_str().unwrap()];
    refused(&[&study[..], &[&file]].concat(), "--python has no effect without the experiment compile");
    refused(&["weights", "get", "all", "--from", "x", "--mirror", "http://x"], "--mirror has no effect with --from");
    refused(&["design", &file, "--verbose", "--quiet"], "'--verbose' cannot be used with '--quiet'");
}

#[test]
fn the_same_options_are_taken_where_they_count() {
    let file = example("6MRR.pdb");
    for arguments in [
        &["score", "--order", "colored", "--num-orders", "2", "--seed", "5"][..],
        &["probs", "--mode", "autoregressive", "--seed", "5", "--order", "colored"],
        &["probs", "--mode", "conditional", "--order", "chain", "--memory-limit", "1G"],
        &["score", "--memory-limit", "1G"],
        &["scan", "--memory-limit", "1G", "--order", "chain"],
        &["design", "--memory-limit", "1G", "--order", "chain", "--seed", "5"],
    ] {
        fastmpnn(&[arguments, &[&file, "-q"]].concat()).success();
    }
    if published("ligandmpnn_v_32_010_25").is_some() {
        let ligand = ["score", &file, "--model", "ligand", "--no-ligand", "--side-chain-context", "--fix", "A1-9"];
        fastmpnn(&ligand).success();
        let idle = fastmpnn(&["design", &file, "--model", "ligand", "--side-chain-context", "--ligand-cutoff", "5"]);
        assert!(idle.err.contains("--side-chain-context shows nothing, for every residue is designed"), "{}", idle.err);
        idle.success();
    }
}

#[test]
fn every_order_is_named() {
    for verb in ["design", "score", "probs"] {
        let help = fastmpnn(&[verb, "--help"]).success();
        assert!(help.contains("--order <random|chain|colored>"), "{help}");
    }
}

#[test]
fn numbers_below_zero_are_values() {
    let file = example("6MRR.pdb");
    let cases: [(&[&str], &str); 15] = [
        (&["design", "-n", "-1"], "invalid value '-1' for '--num-seqs"),
        (&["design", "--seed", "-1"], "invalid value '-1' for '--seed"),
        (&["design", "--threads", "-2"], "a number of threads lies between 1 and 1024"),
        (&["design", "--memory-limit", "-1G"], "a memory limit is a whole number with K, M or G"),
        (&["design", "-T", "-0.1,0.2"], "a temperature is 0 or more, and finite"),
        (&["design", "--noise", "-0.1"], "a noise is in Å with two decimals"),
        (&["design", "--bias", "-1"], "--bias `-1`: a bias is a letter, =, and a number, as in W=0.5"),
        (&["design", "--fix", "-5"], "--fix `-5`: an item begins with a chain id, as in A15"),
        (&["design", "--ligand-cutoff", "-8"], "a distance is a number of Å above 0"),
        (&["design", "--model-number", "-1"], "has no model -1"),
        (&["design", "--states", "--state-weights", "-0.3,1"], "there are 1 states and 2 weights"),
        (&["score", "--num-orders", "-1"], "invalid value '-1' for '--num-orders"),
        (&["pack", "--num-packs", "-1"], "invalid value '-1' for '--num-packs"),
        (&["membrane", "--half-thickness", "-15"], "half a membrane is more than 0"),
        (&["membrane", "--half-thickness", "1", "--center", "-1,0,900"], "no residue lies within 1.0 Å"),
    ];
    for (arguments, sentence) in cases {
        refused(&[arguments, &[&file]].concat(), sentence);
    }
    for arguments in [&["--bias", "W=-0.5"][..], &["--bias-at", "A1-5:W=-2"], &["--states", "--state-weights", "-1"]] {
        fastmpnn(&[&["design", &file, "-q"], arguments].concat()).success();
    }
}

#[test]
fn a_letter_has_one_bias() {
    let file = example("6MRR.pdb");
    for (arguments, sentence) in [
        (&["--bias", "W=1,W=2"][..], "--bias `W=1,W=2`: W has two biases, 1 and 2; give it one"),
        (&["--bias", "W=1", "--bias", "W=2"], "--bias `W=2`: W has two biases, 1 and 2; give it one"),
        (&["--bias-at", "A1-5:W=1", "--bias-at", "A4:W=2"], "--bias-at `A4:W=2`: W has two biases at A4, 1 and 2"),
    ] {
        refused(&[&["design", &file, "-q"], arguments].concat(), sentence);
    }
}
