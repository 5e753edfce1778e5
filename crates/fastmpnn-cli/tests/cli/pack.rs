//! `fastmpnn pack`. What needs the packer's checkpoint is skipped where it is absent.

use std::fs;

use fastmpnn::structure::{ReadOptions, Structure, read_bytes, read_path};

use crate::program::{example, fastmpnn, fastmpnn_reading, rows};
use crate::published_checkpoint::published;

const CHECKPOINT: &str = "ligandmpnn_sc_v_32_002_16";

fn structure(text: &str, name: &str) -> Structure {
    read_bytes(name, text.as_bytes(), &ReadOptions::default()).unwrap()
}

#[test]
fn the_best_packing_goes_to_standard_output() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let file = example("6MRR.pdb");
    let run = |more: &[&str]| fastmpnn(&[&["pack", &file, "-q", "--num-packs", "2"], more].concat()).success();
    let text = run(&[]);
    let packed = structure(&text, "x.pdb");
    let native = read_path(file.as_ref(), &ReadOptions::default()).unwrap();
    assert_eq!(packed.residues.len(), native.residues.len());
    for (packed, native) in packed.residues.iter().zip(&native.residues) {
        assert_eq!((&packed.id, packed.letter), (&native.id, native.letter));
        let (found, read) = (packed.backbone().unwrap(), native.backbone().unwrap());
        for (found, read) in found.iter().flatten().zip(read.iter().flatten()) {
            // Ideal geometry moves the backbone a little.
            assert!((found - read).abs() < 0.3, "residue {}", packed.id);
        }
    }
    // The same on one thread, as mmCIF.
    let one = structure(&run(&["--threads", "1", "--format", "cif"]), "x.cif");
    for (a, b) in packed.residues.iter().zip(&one.residues) {
        let atoms = |residue: &fastmpnn::structure::Residue| {
            residue.atoms.iter().map(|atom| (atom.name.clone(), atom.position)).collect::<Vec<_>>()
        };
        assert_eq!(atoms(a), atoms(b));
    }
}

#[test]
fn a_folder_holds_structures_and_a_table_best_first() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let file = example("5L33.pdb");
    let designed = fastmpnn(&["design", &file, "-q", "-n", "1"]).success();
    let arguments = ["pack", &file, "--fasta", "-", "-q", "--num-packs", "3", "--seed", "5", "-o", out];
    fastmpnn_reading(&arguments, designed.as_bytes()).success();
    let table = rows(&fs::read_to_string(folder.path().join("packs.csv")).unwrap());
    assert_eq!(table.len(), 6);
    for sequence in table.chunks(3) {
        let key = |row: &std::collections::HashMap<String, String>| {
            (row["clashes"].parse::<u32>().unwrap(), -row["log_density"].parse::<f64>().unwrap())
        };
        assert!(sequence.windows(2).all(|pair| key(&pair[0]) <= key(&pair[1])), "{sequence:?}");
        assert_eq!(sequence[0]["residues"], "106");
    }
    for record in 1..=2 {
        for pack in 1..=3 {
            let path = folder.path().join(format!("structures/5L33_{record}_{pack}.pdb"));
            let packed = read_path(&path, &ReadOptions::default()).unwrap();
            let letters: String = packed.residues.iter().map(|residue| residue.letter.to_char()).collect();
            assert_eq!(letters, table[3 * record - 1]["sequence"]);
        }
    }
    let settings = fs::read_to_string(folder.path().join("settings.json")).unwrap();
    assert!(settings.contains("\"seed\": 5") && settings.contains(CHECKPOINT), "{settings}");
}

#[test]
fn side_chains_that_are_kept_stay_where_they_are() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let file = example("4GYT.pdb");
    let text = fastmpnn(&["pack", &file, "-q", "--num-packs", "1", "--repack", "A10-30"]).success();
    let (packed, native) = (structure(&text, "x.pdb"), read_path(file.as_ref(), &ReadOptions::default()).unwrap());
    let mut moved = 0;
    for (packed, native) in packed.residues.iter().zip(&native.residues) {
        let free = &*native.id.chain == "A" && (10..=30).contains(&native.id.number);
        for atom in &packed.atoms {
            let Some(read) = native.atom(&atom.name) else { continue };
            let apart = (0..3).any(|axis| (atom.position[axis] - read.position[axis]).abs() > 0.001);
            assert!(free || !apart, "{} of {} moved", atom.name, native.id);
            moved += usize::from(apart);
        }
    }
    assert!(moved > 100, "{moved} atoms moved");
}

#[test]
fn wishes_that_cannot_be_met_are_refused() {
    let file = example("5L33.pdb");
    let error = fastmpnn(&["pack", &file, "--packer", "nothing.pt"]).failure(2);
    assert!(error.contains("nothing.pt"), "{error}");
    let error = fastmpnn(&["pack", &file, &example("6MRR.pdb")]).failure(2);
    assert!(error.contains("2 structures do not fit standard output; add --out FOLDER"), "{error}");
    if published(CHECKPOINT).is_none() {
        return;
    }
    let error = fastmpnn(&["pack", &file, "--keep", "A", "-q"]).failure(2);
    assert!(error.contains("leave no residue to pack"), "{error}");
    let error = fastmpnn(&["pack", &file, "--packer", &example("../weights/v_48_020.safetensors"), "-q"]).failure(2);
    assert!(error.contains("packed by a packer's checkpoint"), "{error}");
}
