//! Choosing a network: by model and noise, or as a file.

use fastmpnn::weights::Checkpoint;

use crate::program::{command, example, fastmpnn, finish, records};
use crate::published_checkpoint::published;

/// Runs the program where no checkpoint is.
fn without_checkpoints(arguments: &[&str]) -> crate::program::Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(arguments);
    command.env("FASTMPNN_WEIGHTS", folder.path());
    finish(command)
}

#[test]
fn the_default_is_protein_with_its_noise() {
    let input = example("6MRR.pdb");
    let plain = without_checkpoints(&["design", &input, "-q"]).success();
    let named = without_checkpoints(&["design", &input, "-q", "--model", "protein", "--noise", "0.2"]).success();
    assert_eq!(plain, named);
    assert_eq!(records(&plain).len(), 2);
}

#[test]
fn an_absent_network_says_how_to_get_it() {
    let input = example("6MRR.pdb");
    for (arguments, name) in [
        (&["--model", "soluble"][..], "solublempnn_v_48_020"),
        (&["--noise", "0.30"], "proteinmpnn_v_48_030"),
        (&["--model", "ca", "--noise", "0.02"], "ca_proteinmpnn_v_48_002"),
        (&["--model", "ligand"], "ligandmpnn_v_32_010_25"),
        (&["--model", "membrane-global"], "global_label_membrane_mpnn_v_48_020"),
        (&["--model", "membrane-residue"], "per_residue_label_membrane_mpnn_v_48_020"),
    ] {
        for verb in [&["design"][..], &["score"], &["probs"], &["bench", "time"]] {
            let error = without_checkpoints(&[verb, &[&input], arguments].concat()).failure(2);
            assert!(error.contains(&format!("`fastmpnn weights get {name}`")), "{error}");
            assert!(error.contains("`--from PATH`"), "{error}");
        }
    }
}

#[test]
fn wishes_that_contradict_each_other_or_exist_nowhere() {
    let input = example("6MRR.pdb");
    let error = fastmpnn(&["design", &input, "--model", "ca", "--noise", "0.3"]).failure(2);
    assert!(error.contains("--noise 0.30: the networks of --model ca have 0.02, 0.10, 0.20"), "{error}");
    let error = fastmpnn(&["design", &input, "--checkpoint", "x.pt", "--noise", "0.3"]).failure(2);
    assert!(error.contains("cannot be used with"), "{error}");
    let error = fastmpnn(&["design", &input, "--noise", "0.123"]).failure(2);
    assert!(error.contains("a noise is in Å with two decimals"), "{error}");
    let error = fastmpnn(&["design", &input, "--checkpoint", "absent.pt"]).failure(2);
    assert!(error.starts_with("error: absent.pt: cannot be read"), "{error}");
    let error = fastmpnn(&["design", &input, "--checkpoint", &input]).failure(2);
    assert!(error.contains("it is neither what torch.save writes nor safetensors"), "{error}");
}

#[test]
fn a_file_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let path = folder.path().join("mine.bin");
    std::fs::copy(format!("{root}crates/fastmpnn/weights/v_48_020.safetensors"), &path).unwrap();
    let (input, path) = (example("6MRR.pdb"), path.to_str().unwrap());
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let plain = fastmpnn(&["score", &input]).success();
    assert_eq!(fastmpnn(&["score", &input, "--checkpoint", path]).success(), plain);

    let tiny = format!("{root}tests/golden/tiny_2_2_64.safetensors");
    assert_ne!(fastmpnn(&["score", &input, "--checkpoint", &tiny]).success(), plain);
    fastmpnn(&["design", &input, "--checkpoint", &tiny, "-o", out]).success();
    let settings = std::fs::read(format!("{out}/settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_slice(&settings).unwrap();
    let sha256 = Checkpoint::open(tiny.as_ref()).unwrap().sha256().to_owned();
    assert_eq!(
        (&settings["checkpoint"]["name"], &settings["checkpoint"]["sha256"]),
        (&"tiny_2_2_64".into(), &sha256.into())
    );
}

#[test]
fn a_published_network_is_found_by_model_and_noise() {
    if published("solublempnn_v_48_010").is_none() {
        return;
    }
    let input = example("6MRR.pdb");
    let soluble = fastmpnn(&["score", &input, "--model", "soluble", "--noise", "0.1"]).success();
    assert_ne!(soluble, fastmpnn(&["score", &input]).success());
    let path = fastmpnn::weights::folder().unwrap().join("solublempnn_v_48_010.pt");
    assert_eq!(fastmpnn(&["score", &input, "--checkpoint", path.to_str().unwrap()]).success(), soluble);
}
