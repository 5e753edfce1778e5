//! `fastmpnn pack`. Tests that need the packer's checkpoint are skipped if it is absent.

use std::fs;

use fastmpnn::structure::{ReadOptions, Structure, read_bytes, read_path};

use crate::program::{example, fastmpnn, fastmpnn_reading, records, rows};
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
    let one = structure(&run(&["--threads", "1", "--structure-format", "cif"]), "x.cif");
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
    for (record, sample) in (1..).zip(["native", "1"]) {
        for pack in 1..=3 {
            let path = folder.path().join(format!("packed/5L33_{sample}_{pack}.pdb"));
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
    let error = fastmpnn(&["pack", &file, "--fix", "A", "-q"]).failure(2);
    assert!(error.contains("leave no residue to pack"), "{error}");
    let error =
        fastmpnn(&["pack", &file, "--packer", &example("../crates/fastmpnn/weights/v_48_020.safetensors"), "-q"])
            .failure(2);
    assert!(error.contains("packed by a packer's checkpoint"), "{error}");
}

/// Sequences of a FASTA file's designs, the native one left out.
fn designs(path: &std::path::Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    records(&text).iter().skip(1).map(|(_, sequence)| sequence.to_string()).collect()
}

fn letters(structure: &Structure) -> String {
    structure.residues.iter().map(|residue| residue.letter.to_char()).collect()
}

fn positions(structure: &Structure) -> Vec<[f32; 3]> {
    structure.residues.iter().flat_map(|residue| &residue.atoms).map(|atom| atom.position).collect()
}

#[test]
fn designs_are_packed_as_pack_packs_them() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let text = |name: &str| path(name).to_str().unwrap().to_owned();
    let file = example("6MRR.pdb");
    let (out, again) = (text("designs"), text("again"));
    let packs = ["--num-packs", "2", "-q", "-o"];
    fastmpnn(&[&["design", &file, "-n", "2", "--pack"], &packs[..], &[&out]].concat()).success();
    let sequences = designs(&path("designs/seqs/6MRR.fa"));
    assert_eq!(sequences.len(), 2);
    fastmpnn(&[&["pack", &file, "--fasta", &text("designs/seqs/6MRR.fa")], &packs[..], &[&again]].concat()).success();
    let read = |name: String| read_path(&path(&name), &ReadOptions::default()).unwrap();
    for (sample, sequence) in (1..).zip(&sequences) {
        for pack in 1..=2 {
            let packed = read(format!("designs/packed/6MRR_{sample}_{pack}.pdb"));
            assert_eq!(&letters(&packed), sequence);
            let same = read(format!("again/packed/6MRR_{sample}_{pack}.pdb"));
            assert_eq!(positions(&packed), positions(&same), "sample {sample}, pack {pack}");
        }
    }
    let table = rows(&fs::read_to_string(path("designs/packs.csv")).unwrap());
    let of_sample = |row: &std::collections::HashMap<String, String>| row["sequence"] == sequences[0];
    assert_eq!((table.len(), table.iter().filter(|row| of_sample(row)).count()), (4, 2));

    let some = ["design", &file, "--redesign", "A1-9", "--pack", "--num-packs", "1", "-q", "-o"];
    fastmpnn(&[&some[..], &[&text("some")]].concat()).success();
    let (packed, native) =
        (read("some/packed/6MRR_1_1.pdb".to_owned()), read_path(file.as_ref(), &ReadOptions::default()).unwrap());
    let stays = |(packed, native): &(&fastmpnn::structure::Residue, &fastmpnn::structure::Residue)| {
        packed.atoms.iter().all(|atom| Some(atom.position) == native.atom(&atom.name).map(|atom| atom.position))
    };
    let both = packed.residues.iter().zip(&native.residues);
    let (designed, others) = (both.clone().take(9).filter(stays).count(), both.skip(9).filter(stays).count());
    // Side chains that lack an atom are packed all the same.
    assert!(designed == 0 && (45..=59).contains(&others), "{designed} of 9 and {others} of 59 stay");
    let error = fastmpnn(&["design", &file, "--pack"]).failure(2);
    assert!(error.contains("--out"), "{error}");
}

#[test]
fn designs_for_several_states_are_packed_on_each() {
    if published(CHECKPOINT).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let first = example("6MRR.pdb");
    // The second state is elsewhere, and lacks all atoms of two residues except CA.
    let moved: String = fs::read_to_string(&first)
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("ATOM"))
        .filter(|line| &line[12..16] == " CA " || !["  30", "  31"].contains(&&line[22..26]))
        .map(|line| {
            let x: f32 = line[30..38].trim().parse().unwrap();
            format!("{}{:8.3}{}\n", &line[..30], x + 50.0, &line[38..])
        })
        .collect();
    let second = path("moved.pdb");
    fs::write(&second, moved).unwrap();
    let (second, out) = (second.to_str().unwrap(), path("out"));
    let states = ["design", "--states", &first, second, "--pack", "--num-packs", "1", "-q", "-o"];
    fastmpnn(&[&states[..], &[out.to_str().unwrap()]].concat()).success();
    let sequence = designs(&path("out/seqs/6MRR.fa")).remove(0);
    let given = [first.as_str(), second].map(|file| read_path(file.as_ref(), &ReadOptions::default()).unwrap());
    for (state, name) in given.iter().zip(["6MRR", "moved"]) {
        let packed = read_path(&path(&format!("out/packed/{name}_1_1.pdb")), &ReadOptions::default()).unwrap();
        let mut side_chains = 0;
        for residue in packed.residues.iter().filter(|residue| residue.backbone().is_some()) {
            let index = state.residues.iter().position(|given| given.id == residue.id).unwrap();
            assert_eq!(residue.letter.to_char(), sequence.as_bytes()[index] as char, "{name} {}", residue.id);
            let (found, read) = (residue.backbone().unwrap(), state.residues[index].backbone().unwrap());
            assert!(
                found.iter().flatten().zip(read.iter().flatten()).all(|(a, b)| (a - b).abs() < 0.3),
                "{}",
                residue.id
            );
            side_chains += residue.atoms.len() - 4;
        }
        assert!(side_chains > 150, "{side_chains} atoms of side chains in {name}");
    }
    let table = rows(&fs::read_to_string(path("out/packs.csv")).unwrap());
    let residues = |name: &str| table.iter().find(|row| row["name"] == name).map(|row| row["residues"].clone());
    assert_eq!((residues("6MRR").as_deref(), residues("moved").as_deref()), (Some("68"), Some("66")));
}
