//! `fastmpnn membrane`: labels from where residues are.

use std::fs;

use serde_json::Value;

use crate::program::{example, fastmpnn};

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
    // The network that the program embeds reads them, and takes none.
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

    // The same of the file as it was, told where the membrane is.
    let centre = center.map(|value| value.to_string()).join(",");
    let told = ["membrane", &example("6MRR.pdb"), "--half-thickness", "8", "--centre", &centre, "-q"];
    assert_eq!(fastmpnn(&told).success(), options);
    let turned = fastmpnn(&[&told[..], &["--normal", "1,0,0"]].concat()).success();
    assert_ne!(turned, options);
    let two = fastmpnn(&["membrane", &file, &file, "-q"]).success();
    assert_eq!(two, format!("framed: {options}framed: {options}"));
}

#[test]
fn where_the_membrane_is_must_be_known() {
    let file = example("6MRR.pdb");
    for (more, expected) in [
        (&[][..], "6MRR.pdb: does not say where the membrane is"),
        (&["--half-thickness", "15", "--centre", "0,0,900"], "6MRR.pdb: no residue lies within 15.0 Å"),
        (&["--centre", "0,0,1"], "--half-thickness"),
        (&["--half-thickness", "0"], "more than 0 and at most 100 Å"),
        (&["--half-thickness", "15", "--centre", "0,0"], "three numbers separated by commas"),
        (&["--half-thickness", "15", "--normal", "0,0,0"], "a direction has a length"),
    ] {
        let error = fastmpnn(&[&["membrane", &file], more].concat()).failure(2);
        assert!(error.contains(expected), "{error}");
    }
}
