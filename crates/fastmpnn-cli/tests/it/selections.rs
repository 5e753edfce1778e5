//! Selections on the command line: words, files, and options that contradict each other.

use std::fs;

use crate::program::{example, fastmpnn, records, rows};
use crate::published_checkpoint::published;

/// Two chains of glycines, 6 Å apart, and a zinc ion near B3.
fn complex() -> String {
    let mut text = String::new();
    let mut line = |record: &str, name: &str, residue: &str, (chain, number): (char, usize), [x, y, z]: [f64; 3]| {
        let element = if residue == "ZN" { "ZN" } else { &name[..1] };
        text.push_str(&format!(
            "{record:<6}{:>5} {:<4} {residue:>3} {chain}{number:>4}    {x:8.3}{y:8.3}{z:8.3}  1.00  0.00          {element:>2}\n",
            1,
            if residue == "ZN" { "ZN".to_owned() } else { format!(" {name}") },
        ));
    };
    for (chain, y) in [('A', 0.0), ('B', 6.0)] {
        for number in 1..=6 {
            let x = 3.8 * number as f64;
            for (name, [dx, dz]) in [("N", [-1.2, 0.5]), ("CA", [0.0, 0.0]), ("C", [1.2, 0.5]), ("O", [1.3, 1.7])] {
                line("ATOM", name, "GLY", (chain, number), [x + dx, y, dz]);
            }
        }
    }
    line("HETATM", "ZN", "ZN", ('B', 301), [3.8 * 3.0, 8.2, 0.0]);
    text
}

/// The example complex in a folder of its own.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("complex.pdb");
    fs::write(&path, complex()).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// Which residues are designed.
fn designed(file: &str, arguments: &[&str]) -> String {
    let out = fastmpnn(&[&["design", file, "-q"], arguments].concat()).success();
    let (header, _) = records(&out)[0];
    let (_, list) = header.split_once("designed=").unwrap();
    list.split(", ").next().unwrap().to_owned()
}

#[test]
fn words_stand_in_every_option() {
    let (_folder, file) = folder();
    assert_eq!(designed(&file, &["--redesign", "within 2.5 of ligand"]), "B3");
    assert_eq!(designed(&file, &["--redesign", "within 2.5 of ZN"]), "B3");
    assert_eq!(designed(&file, &["--redesign", "within 6 of B3 and not B"]), "A3");
    assert_eq!(designed(&file, &["--fix", "not A1-2"]), "A1-2");
    assert_eq!(designed(&file, &["--chains", "not B", "--fix", "A1"]), "A2-6");
    assert_eq!(designed(&file, &["--redesign", "interface A1-2 B 6"]), "A1-2,B1-2");
    assert_eq!(designed(&file, &["--redesign", "all"]), "A1-6,B1-6");
    let error = fastmpnn(&["design", &file, "-q", "--redesign", "interface A B"]).failure(2);
    assert!(
        error.contains("--redesign `interface A B`: no residue of complex is that near; the nearest, A1, is 6.0 Å")
    );
    let error = fastmpnn(&["design", &file, "-q", "--tie", "A1-6=not A"]).failure(2);
    assert!(error.contains("--tie `not A`: a tie pairs residues in the order they are written"), "{error}");
}

#[test]
fn files_of_selections_are_read_and_errors_name_their_lines() {
    let (folder, file) = folder();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let core = format!("@{}", path("core.txt", "\u{feff}# the core\r\nA1-2 A4\r\nB6 # and the end\r\n"));
    assert_eq!(designed(&file, &["--redesign", &core]), "A1-2,A4,B6");
    assert_eq!(designed(&file, &["--fix", &format!("not {core}")]), "A1-2,A4,B6");
    assert_eq!(designed(&file, &["--redesign", &format!("{core},A5")]), "A1-2,A4-5,B6");
    let spaced = format!("@{}", path("my core, 2.txt", "within 2.5 of ligand\n"));
    assert_eq!(designed(&file, &["--redesign", &spaced]), "B3");
    let old_mac = format!("@{}", path("old.txt", "# core\rA1\rA2\r"));
    assert_eq!(designed(&file, &["--redesign", &old_mac]), "A1-2");
    let omitted = fastmpnn(&["design", &file, "-q", "-T", "0", "--omit-at", &format!("{core}:ACDEFGHIKLMNPQRSTVW")]);
    let out = omitted.success();
    let sequence: Vec<char> = records(&out)[1].1.chars().collect();
    assert_eq!([0, 1, 3, 12].map(|index| sequence[index]), ['Y'; 4], "{out}");
    let wrong = path("wrong.txt", "A1\n\nA2,A99\n");
    let error = fastmpnn(&["design", &file, "-q", "--fix", &format!("@{wrong}")]).failure(2);
    assert!(error.contains(&format!("--fix `A99` ({wrong}, line 3): no residue A99 in complex")), "{error}");
    let error = fastmpnn(&["design", &file, "-q", "--fix", "@nosuch.txt"]).failure(2);
    assert!(error.contains("nosuch.txt: the file of selections cannot be read"), "{error}");
    let latin = folder.path().join("latin.txt");
    fs::write(&latin, [b'A', 0xe9]).unwrap();
    let error = fastmpnn(&["design", &file, "-q", "--fix", &format!("@{}", latin.display())]).failure(2);
    assert!(error.contains("latin.txt: the file of selections is not UTF-8 text"), "{error}");
}

#[test]
fn chains_and_redesign_that_leave_nothing_are_named_together() {
    let (_folder, file) = folder();
    for verb in ["design", "score"] {
        let error = fastmpnn(&[verb, &file, "-q", "--chains", "A", "--redesign", "B2-5"]).failure(2);
        assert!(
            error.contains(
                "nothing is left to design in complex: --redesign names B2-5, and --chains `A` leaves chain B fixed"
            ),
            "{verb}: {error}"
        );
    }
    // A part of it is a warning: a selection by distance reaches into other chains.
    let run = fastmpnn(&["design", &file, "--chains", "A", "--redesign", "A1,B2-5"]);
    assert!(
        run.err.contains("--redesign names B2-5, in chains that --chains leaves fixed: not designed"),
        "{}",
        run.err
    );
    assert!(run.success().contains("designed=A1,"));
}

#[test]
fn a_peptide_is_a_ligand_by_its_chain() {
    let file = example("3HTN.pdb");
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/tiny_ligand_1_1_32.safetensors");
    let network = ["--checkpoint", path.to_str().unwrap()];
    let run = |more: &[&str]| fastmpnn(&[&["score", &file, "--redesign", "A60-61"], &network[..], more].concat());
    let (plain, chosen) = (run(&[]), run(&["--ligand", ":C"]));
    let count = |text: &str| -> usize {
        let (before, _) = text.split_once(" ligand atoms (").expect(text);
        before.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(count(&chosen.err) > count(&plain.err) + 500, "{}{}", plain.err, chosen.err);
    assert_ne!(plain.success(), chosen.success());
    let error = fastmpnn(&["score", &file, "-q", "--ligand", ":Q"]).failure(2);
    assert!(error.contains("--ligand :Q: no chain Q; its chains are A, B, C"), "{error}");
}

#[test]
fn packing_takes_the_same_selections() {
    if published("ligandmpnn_sc_v_32_002_16").is_none() {
        return;
    }
    let (folder, file) = folder();
    let error = fastmpnn(&["pack", &file, "-q", "--repack", "within 1 of HEM"]).failure(2);
    assert!(error.contains("no chain HEM in complex"), "{error}");
    let out = folder.path().join("packed");
    let arguments = ["-q", "--num-packs", "1", "--repack", "within 2.5 of ligand", "-o", out.to_str().unwrap()];
    fastmpnn(&[&["pack", &file], &arguments[..]].concat()).success();
    let table = fs::read_to_string(out.join("packs.csv")).unwrap();
    assert_eq!(rows(&table)[0]["residues"], "1");
}

#[test]
fn residues_that_rosetta_labels_are_fixed() {
    let (folder, _) = folder();
    let write = |remarks: &str| {
        let path = folder.path().join("labeled.pdb");
        fs::write(&path, format!("{}{remarks}", complex())).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let remark = "REMARK PDBinfo-LABEL:";
    let file = write(&format!("{remark}    2 FIXED\n{remark}    3 HOTSPOT\n{remark}    9 HOTSPOT FIXED\n"));
    // The ninth protein residue is B3.
    assert_eq!(designed(&file, &["--pdb-labels"]), "A1,A3-6,B1-2,B4-6");
    assert_eq!(designed(&file, &["--pdb-labels", "--fix", "A1,B4-6"]), "A3-6,B1-2");
    assert_eq!(designed(&file, &["--pdb-labels", "--redesign", "A1-2"]), "A1-2");
    assert_eq!(designed(&file, &["--pdb-labels", "--ligand", ":A"]), "B1-2,B4-6");
    let run = fastmpnn(&["design", &file]);
    assert!(
        run.err.contains("labels FIXED (REMARK PDBinfo-LABEL): 2; --pdb-labels keeps those residues"),
        "{}",
        run.err
    );
    assert!(run.success().contains("designed=A1-6,B1-6"));
    for number in ["0", "13", "-1", "x"] {
        let file = write(&format!("{remark} {number} FIXED\n"));
        let error = fastmpnn(&["design", &file, "-q", "--pdb-labels"]).failure(2);
        let sentence = format!("`{number}` is not a residue of labeled, whose protein residues count from 1 to 12");
        assert!(error.contains("--pdb-labels line ") && error.contains(&sentence), "{error}");
    }
    let run = fastmpnn(&["design", &write(""), "--pdb-labels"]);
    assert!(run.err.contains("--pdb-labels: no residue is labeled FIXED in labeled"), "{}", run.err);
}

#[test]
fn labels_by_number_are_those_of_the_file() {
    let error = fastmpnn(&["design", &example("6MRR.pdb"), "--pdb-labels", "--assembly", "1"]).failure(2);
    assert!(
        error.contains("--pdb-labels counts the residues of the file, and --assembly makes others of them"),
        "{error}"
    );
}
