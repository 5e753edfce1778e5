//! Files of several models, assemblies, and cyclic chains, from the command line.

use std::fs;
use std::path::Path;

use crate::program::{Run, example, fastmpnn, records, rows};
use crate::published_checkpoint::published;

/// The atoms of 6MRR's first `count` residues, moved along z and in this chain.
fn atoms(count: i32, z: f32, chain: char) -> String {
    let text = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let number = |line: &str| line[22..26].trim().parse::<i32>().unwrap();
    let kept = text.lines().filter(|line| line.starts_with("ATOM") && number(line) <= count);
    let moved = kept.map(|line| {
        let height = line[46..54].trim().parse::<f32>().unwrap() + z;
        format!("{}{chain}{}{height:8.3}{}\n", &line[..21], &line[22..46], &line[54..])
    });
    moved.collect()
}

/// A file of models with these numbers, and residues.
fn write_models(path: &Path, models: &[(i32, i32)], apart: f32) {
    let model = |(index, (number, count)): (usize, &(i32, i32))| {
        format!("MODEL {number:>8}\n{}TER\nENDMDL\n", atoms(*count, apart * index as f32, 'A'))
    };
    fs::write(path, models.iter().enumerate().map(model).collect::<String>()).unwrap();
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_command_says_which_model_of_how_many_it_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ens.pdb");
    write_models(&path, &[(1, 30), (2, 30), (10, 30)], 0.5);
    let file = text(&path);
    let says = |run: Run, model: &str| {
        let sentence = format!("read {model}");
        assert_eq!(run.err.matches(&sentence).count(), 1, "{sentence}: {}", run.err);
        run.success();
    };
    let membrane = ["membrane", file, "--half-thickness", "15"];
    for arguments in [&["design", file, "-n", "2"][..], &["score", file], &["probs", file], &membrane] {
        says(fastmpnn(arguments), "model 1 of 3");
        says(fastmpnn(&[arguments, &["--model-number", "2"]].concat()), "model 2 of 3");
    }
    says(fastmpnn(&["score", file, "--model-number", "10"]), "the model numbered 10, of 3 models");
    if published("ligandmpnn_sc_v_32_002_16").is_some() {
        says(fastmpnn(&["pack", file, "--num-packs", "1"]), "model 1 of 3");
    }
    let info = fastmpnn(&["info", file]).success();
    assert!(info.lines().next().unwrap().ends_with("; model 1 of 3"), "{info}");
    let single = fastmpnn(&["score", &example("6MRR.pdb")]);
    assert!(!single.err.contains("model 1"), "{}", single.err);
}

#[test]
fn the_models_of_one_file_are_states() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ens.pdb");
    write_models(&path, &[(1, 30), (2, 29), (10, 30)], 0.5);
    let file = text(&path);
    let run = fastmpnn(&["design", "--states", file, "-n", "2"]);
    assert!(run.err.contains("its 3 models are the states"), "{}", run.err);
    assert!(run.err.contains("in the states ens, ens_model_2, ens_model_10"), "{}", run.err);
    assert!(run.err.contains("model 2 has no A30; other models do"), "{}", run.err);
    let out = run.success();
    // As of three files.
    let mut files = Vec::new();
    for (index, count) in [(0, 30), (1, 30), (2, 30)] {
        let path = folder.path().join(format!("state{index}")).join("ens.pdb");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let mut lines = atoms(count, 0.5 * index as f32, 'A');
        if index == 1 {
            // A residue without a backbone has the same effect as a missing one.
            let bare = |line: &&str| line[22..26].trim() != "30" || &line[12..16] == " CB ";
            lines = lines.lines().filter(bare).map(|line| format!("{line}\n")).collect();
        }
        fs::write(&path, lines).unwrap();
        files.push(text(&path).to_owned());
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let of_files = fastmpnn(&[&["design", "--states", "-n", "2", "-q"], &files[..]].concat()).success();
    assert_eq!(out, of_files);
    let weighted = |weights: &str| fastmpnn(&["design", "--states", file, "-q", "--state-weights", weights]);
    assert_eq!(records(&weighted("1,0,0").success())[1].1, records(&fastmpnn(&["design", file, "-q"]).success())[1].1);
    let error = weighted("1,0").failure(2);
    assert!(error.contains("there are 3 states and 2 weights"), "{error}");
    let one = fastmpnn(&["design", "--states", file, "-q", "--model-number", "10"]).success();
    assert_eq!(one, fastmpnn(&["design", file, "-q", "--model-number", "10"]).success());
}

#[test]
fn designs_are_packed_on_every_model() {
    if published("ligandmpnn_sc_v_32_002_16").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("ens.pdb"), folder.path().join("out"));
    write_models(&path, &[(1, 20), (2, 20)], 0.5);
    let pack = ["--pack", "--num-packs", "1", "-o", text(&out), "-q"];
    fastmpnn(&[&["design", "--states", text(&path)], &pack[..]].concat()).success();
    let packs = rows(&fs::read_to_string(out.join("packs.csv")).unwrap());
    let mut names: Vec<&str> =
        packs.iter().map(|row| row.get("structure").or(row.get("name")).unwrap().as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ens", "ens_model_2"]);
}

#[test]
fn assemblies_are_designed_as_homo_oligomers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dimer.pdb1");
    write_models(&path, &[(1, 20), (2, 20)], 40.0);
    let models = [text(&path), "--assembly", "1", "-q"];
    let dimer = fastmpnn(&[&["design", "--homo-oligomer", "-n", "2"], &models[..]].concat()).success();
    for (_, sequence) in records(&dimer) {
        let (first, copy) = sequence.split_once('/').unwrap();
        assert_eq!((first.len(), first), (20, copy));
    }
    let selected = [&["score", "--redesign", "A-2:3-5", "--per-residue"], &models[..]].concat();
    let table = rows(&fastmpnn(&selected).success());
    let counted = table.iter().filter(|row| row["counted"] == "true").map(|row| (&*row["chain"], &*row["number"]));
    assert_eq!(counted.collect::<Vec<_>>(), [("A-2", "3"), ("A-2", "4"), ("A-2", "5")]);
    // The same with a file that states how its chain is copied.
    let remark = "REMARK 350 BIOMOLECULE: 1\nREMARK 350 APPLY THE FOLLOWING TO CHAINS: A\n\
                  REMARK 350   BIOMT1   1  1.000000  0.000000  0.000000        0.00000\n\
                  REMARK 350   BIOMT2   1  0.000000  1.000000  0.000000        0.00000\n\
                  REMARK 350   BIOMT3   1  0.000000  0.000000  1.000000        0.00000\n\
                  REMARK 350   BIOMT1   2  1.000000  0.000000  0.000000        0.00000\n\
                  REMARK 350   BIOMT2   2  0.000000  1.000000  0.000000        0.00000\n\
                  REMARK 350   BIOMT3   2  0.000000  0.000000  1.000000       40.00000\n";
    let single = folder.path().join("single.pdb");
    fs::write(&single, format!("{remark}{}TER\n", atoms(20, 0.0, 'A'))).unwrap();
    let score = |arguments: [&str; 2]| {
        rows(&fastmpnn(&[&["score", "-q", "--order", "chain", "--assembly"], &arguments[..]].concat()).success())
    };
    let (built, joined) = (&score(["1", text(&single)])[0], &score(["1", text(&path)])[0]);
    assert_eq!((&built["score"], &built["residues"]), (&joined["score"], &joined["residues"]));
    assert_eq!(built["residues"], "40");
    let error = fastmpnn(&["score", "-q", text(&single), "--assembly", "2"]).failure(2);
    assert!(error.contains("single.pdb: it has no assembly 2; its only assembly is 1"), "{error}");
}

#[test]
fn folders_hold_files_of_assemblies() {
    let folder = tempfile::tempdir().unwrap();
    write_models(&folder.path().join("dimer.pdb1"), &[(1, 10), (2, 10)], 40.0);
    write_models(&folder.path().join("other.pdb12"), &[(1, 10), (2, 10)], 40.0);
    fs::write(folder.path().join("dimer.pdbqt"), "").unwrap();
    let table = rows(&fastmpnn(&["score", text(folder.path()), "-q"]).success());
    let names = table.iter().map(|row| row.get("structure").or(row.get("name")).unwrap().as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["dimer", "other"]);
}

#[test]
fn every_command_knows_cyclic_chains() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.pdb");
    fs::write(&path, atoms(12, 0.0, 'A')).unwrap();
    let file = text(&path);
    let (probs, design) = (["probs", file, "--mode", "conditional"], ["design", file, "-n", "4", "-T", "1"]);
    for arguments in [&design[..], &["score", file], &probs] {
        let open = fastmpnn(&[arguments, &["-q"]].concat()).success();
        let cyclic = fastmpnn(&[arguments, &["--cyclic", "A"]].concat());
        assert!(cyclic.err.contains("--cyclic `A`: C of A12 and N of A1 are "), "{}", cyclic.err);
        assert_ne!(cyclic.success(), open, "{arguments:?}");
    }
    if published("ligandmpnn_sc_v_32_002_16").is_some() {
        let pack = ["pack", file, "--num-packs", "1"];
        let cyclic = fastmpnn(&[&pack[..], &["--cyclic", "A"]].concat());
        assert!(cyclic.err.contains("--cyclic `A`: "), "{}", cyclic.err);
        assert_ne!(cyclic.success(), fastmpnn(&pack).success());
    }
    let error = fastmpnn(&["score", file, "--cyclic", "B", "-q"]).failure(2);
    assert!(error.contains("--cyclic `B`: no chain B"), "{error}");
}
