//! `fastmpnn membrane`: labels from the residues' places in the membrane.

use std::fs;

use serde_json::Value;

use crate::program::{example, fastmpnn, rows};
use crate::published_checkpoint::published;

/// An example in the frame of a membrane: dummy atoms at ±15 Å from the middle of the protein.
fn framed(folder: &tempfile::TempDir) -> (String, [f32; 3]) {
    let text = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let atoms: Vec<&str> = text.lines().filter(|line| line.starts_with("ATOM")).collect();
    let coordinate = |line: &str, axis: usize| line[30 + 8 * axis..38 + 8 * axis].trim().parse::<f32>().unwrap();
    let center: [f32; 3] =
        std::array::from_fn(|axis| atoms.iter().map(|line| coordinate(line, axis)).sum::<f32>() / atoms.len() as f32);
    let moved = atoms.iter().map(|line| {
        let [x, y, z]: [f32; 3] = std::array::from_fn(|axis| coordinate(line, axis) - center[axis]);
        format!("{}{x:8.3}{y:8.3}{z:8.3}{}\n", &line[..30], &line[54..])
    });
    let dummies = [("N", -8.0), ("O", 8.0)]
        .map(|(name, z): (&str, f32)| format!("HETATM 9999  {name}   DUM  9999    {:8.3}{:8.3}{z:8.3}\n", 40.0, 0.0));
    let path = folder.path().join("framed.pdb");
    fs::write(&path, moved.chain(dummies).collect::<String>()).unwrap();
    (path.to_str().unwrap().to_owned(), center)
}

#[test]
fn labels_are_printed_as_options() {
    let folder = tempfile::tempdir().unwrap();
    let (file, center) = framed(&folder);
    let run = fastmpnn(&["membrane", &file]);
    assert!(run.err.contains("framed: half thickness 8.0 Å from its dummy atoms; of 68 residues "), "{}", run.err);
    let options = run.success();
    let words: Vec<&str> = options.split_whitespace().collect();
    let &[buried_flag, buried, interface_flag, interface] = &words[..] else { panic!("{options}") };
    assert_eq!((buried_flag, interface_flag), ("--membrane-buried", "--membrane-interface"));
    // The program accepts the options, but the embedded network takes no labels.
    let refused = fastmpnn(&[&["score", &file, "-q"], &words[..]].concat()).failure(2);
    assert!(refused.contains("takes no membrane labels"), "{refused}");

    let json: Value = serde_json::from_str(&fastmpnn(&["membrane", &file, "--json", "-q"]).success()).unwrap();
    assert_eq!((json["buried"].as_str(), json["interface"].as_str()), (Some(buried), Some(interface)));
    let residues = json["residues"].as_array().unwrap();
    assert_eq!(residues.len(), 68);
    for residue in residues {
        let (depth, exposed) = (residue["depth"].as_f64().unwrap().abs(), residue["neighbours"].as_u64().unwrap() < 9);
        let class = if !exposed || depth > 18.0 {
            0
        } else if depth < 3.0 {
            2
        } else {
            1
        };
        assert_eq!(residue["class"], class, "{residue}");
    }

    // The same with the original file and options for the membrane's place.
    let center = center.map(|value| value.to_string()).join(",");
    let told = ["membrane", &example("6MRR.pdb"), "--half-thickness", "8", "--center", &center, "-q"];
    assert_eq!(fastmpnn(&told).success(), options);
    // The spelling of earlier versions.
    assert_eq!(fastmpnn(&told.map(|word| if word == "--center" { "--centre" } else { word })).success(), options);
    let turned = fastmpnn(&[&told[..], &["--normal", "1,0,0"]].concat()).success();
    assert_ne!(turned, options);
    let other = format!("{file}.2.pdb");
    fs::copy(&file, &other).unwrap();
    let two = fastmpnn(&["membrane", &file, &other, "-q"]).success();
    assert_eq!(two, format!("framed: {options}framed.pdb.2: {options}"));
}

#[test]
fn where_the_membrane_is_must_be_known() {
    let file = example("6MRR.pdb");
    for (more, expected) in [
        (&[][..], "6MRR.pdb: does not say where the membrane is"),
        (&["--half-thickness", "15", "--center", "0,0,900"], "6MRR.pdb: no residue lies within 15.0 Å"),
        (&["--center", "0,0,1"], "--half-thickness"),
        (&["--half-thickness", "0"], "more than 0 and at most 100 Å"),
        (&["--half-thickness", "15", "--center", "0,0"], "three numbers separated by commas"),
        (&["--half-thickness", "15", "--normal", "0,0,0"], "a direction has a length"),
    ] {
        let error = fastmpnn(&[&["membrane", &file], more].concat()).failure(2);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_membrane_network_needs_labels() {
    let file = example("6MRR.pdb");
    for (model, name, sentence) in [
        ("membrane-global", "global_label_membrane_mpnn_v_48_020", "give --membrane-global soluble or transmembrane"),
        (
            "membrane-residue",
            "per_residue_label_membrane_mpnn_v_48_020",
            "give --membrane-labels FILE, which `fastmpnn",
        ),
    ] {
        if published(name).is_none() {
            return;
        }
        for verb in ["design", "score", "probs"] {
            let run = fastmpnn(&[verb, &file, "--model", model, "-q"]);
            assert_eq!(run.out, "", "{verb}");
            let error = run.failure(2);
            assert!(
                error.contains(&format!("error: {name} needs membrane labels, and there are none: {sentence}")),
                "{error}"
            );
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
    fastmpnn(&["score", &file, "--model", "membrane-global", "--membrane-global", "soluble", "-q"]).success();
    let error = fastmpnn(&["score", &file, "--model", "membrane-residue", "--membrane-global", "soluble"]).failure(2);
    assert!(error.contains("takes labels of residues, and --membrane-global labels the whole protein"), "{error}");
    let error = fastmpnn(&["score", &file, "--model", "membrane-global", "--membrane-buried", "A5"]).failure(2);
    assert!(error.contains("takes one label of the whole protein"), "{error}");
}

#[test]
fn labels_go_by_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = framed(&folder);
    let other = folder.path().join("other.pdb");
    fs::copy(&file, &other).unwrap();
    let other = other.to_str().unwrap();
    let labels = folder.path().join("labels.csv");
    let labels = labels.to_str().unwrap();
    let run = fastmpnn(&["membrane", &file, other, "nosuch.pdb", "-q", "-o", labels]);
    assert_eq!(run.out, "");
    run.failure(2);
    let text = fs::read_to_string(labels).unwrap();
    assert!(text.starts_with("structure,chain,number,insertion,label\nframed,A,1,,"), "{text}");
    let table = rows(&text);
    assert_eq!(table.len(), 2 * 68);
    let count = |label: &str| table.iter().filter(|row| row["structure"] == "other" && row["label"] == label).count();
    assert_eq!(count("buried") + count("interface") + count("other"), 68);
    assert!(count("buried") > 0 && count("interface") > 0);

    // Nothing is written where nothing is found.
    let none = folder.path().join("none.csv");
    fastmpnn(&["membrane", &example("6MRR.pdb"), "-q", "-o", none.to_str().unwrap()]).failure(2);
    assert!(!none.exists());

    let refused = fastmpnn(&["score", &file, "--membrane-labels", labels]).failure(2);
    assert!(refused.contains("v_48_020 takes no membrane labels"), "{refused}");
    if published("per_residue_label_membrane_mpnn_v_48_020").is_none() {
        return;
    }
    let score = |inputs: &[&str], labels: &[&str]| {
        fastmpnn(&[&["score", "--model", "membrane-residue", "-q"], inputs, labels].concat())
    };
    // The file says what the options say.
    let options = fastmpnn(&["membrane", &file, "-q"]).success();
    let options: Vec<&str> = options.split_whitespace().collect();
    let by_file = score(&[&file], &["--membrane-labels", labels]).success();
    assert_eq!(by_file, score(&[&file], &options).success());
    assert_eq!(score(&[&file, other], &["--membrane-labels", labels]).success().lines().count(), 3);
    let design = ["design", other, "--model", "membrane-residue", "--membrane-labels", labels];
    let run = fastmpnn(&design);
    assert!(run.err.contains("labels A") && run.err.contains(" buried"), "{}", run.err);
    let out = folder.path().join("out");
    fastmpnn(&[&design[..], &["-q", "-o", out.to_str().unwrap()]].concat()).success();
    let settings: Value = serde_json::from_str(&fs::read_to_string(out.join("settings.json")).unwrap()).unwrap();
    assert_eq!(settings["membrane_labels"], labels);
    // Labels by hand: what is not named is in neither class, and that is a label, too.
    let few = folder.path().join("few.csv");
    let few = few.to_str().unwrap();
    fs::write(few, "label,number,insertion,chain,structure\r\nOther,5,,A,framed\r\n").unwrap();
    let soluble = score(&[&file], &["--membrane-labels", few]).success();
    assert_ne!(soluble, by_file);
    let probs = ["probs", &file, "--model", "membrane-residue", "-q", "--membrane-labels"];
    assert_ne!(
        fastmpnn(&[&probs[..], &[few]].concat()).success(),
        fastmpnn(&[&probs[..], &[labels]].concat()).success()
    );
    let header = "structure,chain,number,insertion,label\n";
    for (line, sentence) in [
        (
            "framed,A,900,,buried",
            "few.csv: line 2: residue `A:900`: no residue A900 in framed: chain A runs 1–68; nearest",
        ),
        ("framed,B,9,,buried", "few.csv: line 2: residue `B:9`: no chain B in framed; its chains are A"),
        ("framed,A,9,,wet", "few.csv: line 2: `wet` is not one of the labels buried, interface, other"),
        ("framed,A,nine,,buried", "few.csv: line 2: `nine` is not the number of a residue"),
        (
            "framed,A,9,,buried\nframed,A,9,,other",
            "few.csv: line 3: residue A9 is buried in a line before, and other here",
        ),
        ("5L33,A,9,,buried", "few.csv: labels no residue of framed; it labels those of 5L33"),
        ("", "few.csv: labels no residue"),
    ] {
        fs::write(few, format!("{header}{line}\n")).unwrap();
        let error = score(&[&file], &["--membrane-labels", few]).failure(2);
        assert!(error.contains(sentence), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    fs::write(few, "structure,chain,number,label\nframed,A,9,buried\n").unwrap();
    let error = score(&[&file], &["--membrane-labels", few]).failure(2);
    assert!(error.contains("few.csv: line 1: is not the header structure,chain,number,insertion,label"), "{error}");
    let error = score(&[&file], &["--membrane-labels", "absent.csv"]).failure(2);
    assert!(error.contains("absent.csv: the membrane labels cannot be read"), "{error}");
}
