//! The structures that `design --structures`, `design --pack` and `pack` write: their contents and formats.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fastmpnn::structure::{ReadOptions, Residue, Structure, read_path};
use serde_json::Value;

use crate::program::{example, fastmpnn, records};
use crate::published_checkpoint::published;

const PACKER: &str = "ligandmpnn_sc_v_32_002_16";

fn read(path: &Path) -> Structure {
    read_path(path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn atoms(residue: &Residue) -> BTreeMap<&str, [f32; 3]> {
    residue.atoms.iter().map(|atom| (atom.name.as_str(), atom.position)).collect()
}

fn settings(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("settings.json")).unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// An example as an mmCIF file whose chain has another id, and with these rows at its end.
fn as_mmcif(name: &str, chain: &str, rows: &str) -> String {
    let items = ["group_PDB", "type_symbol", "label_atom_id", "label_comp_id", "auth_asym_id", "auth_seq_id"];
    let items = items.iter().chain(&["Cartn_x", "Cartn_y", "Cartn_z"]).map(|item| format!("_atom_site.{item}\n"));
    let mut text = format!("data_x\nloop_\n{}", items.collect::<String>());
    for residue in &read(example(name).as_ref()).residues {
        for atom in &residue.atoms {
            let ([x, y, z], number) = (atom.position, residue.id.number);
            let (element, atom, residue) = (&atom.element, &atom.name, &residue.name);
            text += &format!("ATOM {element} {atom} {residue} {chain} {number} {x:.3} {y:.3} {z:.3}\n");
        }
    }
    text + rows
}

#[test]
fn fixed_residues_keep_their_side_chains_and_nucleotides_their_records() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (example("3MHT.pdb"), folder.path().to_str().unwrap());
    fastmpnn(&["design", &file, "--redesign", "A10-20", "--structures", "-q", "-o", out]).success();
    let path = folder.path().join("structures/3MHT_1.pdb");
    let (given, written) = (read(file.as_ref()), read(&path));
    assert_eq!(written.residues.len(), given.residues.len());
    for (written, given) in written.residues.iter().zip(&given.residues) {
        let names: Vec<&str> = written.atoms.iter().map(|atom| atom.name.as_str()).collect();
        if (10..=20).contains(&given.id.number) {
            assert_eq!(names, ["N", "CA", "C", "O"], "{}", given.id);
        } else {
            assert_eq!((&written.name, atoms(written)), (&given.name, atoms(given)), "{}", given.id);
        }
    }
    let text = fs::read_to_string(&path).unwrap();
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    let given_text = fs::read_to_string(&file).unwrap();
    let nucleotides = |text: &str| {
        let of_dna = |line: &&str| line.starts_with("ATOM") && line[17..20].trim_start().starts_with('D');
        text.lines().filter(of_dna).count()
    };
    assert_eq!(nucleotides(&text), nucleotides(&given_text));
    assert!(nucleotides(&text) > 400);
    assert_eq!(count("TER"), 3, "one a chain: protein and two strands");
}

#[test]
fn names_that_pdb_has_no_room_for_make_it_mmcif() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let ligands = "HETATM C C1 A1LU6 A 201 90 9 9\nHETATM C C1 A1LXY A 202 99 9 9\n";
    fs::write(path("chain.cif"), as_mmcif("6MRR.pdb", "AA", "")).unwrap();
    fs::write(path("ligands.cif"), as_mmcif("6MRR.pdb", "A", ligands)).unwrap();
    let [chain, ligands] = ["chain.cif", "ligands.cif"].map(|name| path(name).to_str().unwrap().to_owned());
    let plain = example("6MRR.pdb");
    let run = |out: &str, more: &[&str]| {
        let out = path(out);
        let given = ["design", &chain, &ligands, &plain, "--structures", "-o", out.to_str().unwrap()];
        let run = fastmpnn(&[&given[..], more].concat());
        (run.err.clone(), run.success(), names(&out.join("structures")))
    };
    let (said, _, files) = run("by itself", &[]);
    assert_eq!(files, ["6MRR_1.pdb", "chain_1.cif", "ligands_1.cif"]);
    for (structure, what) in [("chain", "the chain id AA"), ("ligands", "the residue name A1LU6 (residue A201)")] {
        let sentence = format!("{structure}: written as mmCIF, because PDB has no room for {what}");
        assert!(said.contains(&sentence), "no {sentence:?} in\n{said}");
    }
    assert_eq!(said.matches("written as mmCIF").count(), 2, "{said}");
    let back = read(&path("by itself/structures/ligands_1.cif"));
    let of_ligands: Vec<&str> = back.ligand_atoms.iter().map(|atom| atom.residue_name.as_str()).collect();
    assert_eq!(of_ligands, ["A1LU6", "A1LXY"]);
    assert_eq!(&*read(&path("by itself/structures/chain_1.cif")).chains[0].id, "AA");

    let (_, _, files) = run("cif", &["--structure-format", "cif"]);
    let format = |folder: &str| settings(&path(folder))["structure_format"].clone();
    assert_eq!((format("by itself"), format("cif")), (Value::Null, "cif".into()));
    assert_eq!(files, ["6MRR_1.cif", "chain_1.cif", "ligands_1.cif"]);
    // Where PDB is asked for, the names are others, and the file says so.
    let (said, _, files) = run("pdb", &["--structure-format", "pdb"]);
    assert_eq!(files, ["6MRR_1.pdb", "chain_1.pdb", "ligands_1.pdb"]);
    assert!(said.contains("REMARK 6 says what is written instead"), "{said}");
    let text = fs::read_to_string(path("pdb/structures/chain_1.pdb")).unwrap();
    assert!(text.starts_with("REMARK   6 CHAIN AA IS WRITTEN AS A"), "{text}");
    let back = read(&path("pdb/structures/ligands_1.pdb"));
    let of_ligands: Vec<&str> = back.ligand_atoms.iter().map(|atom| atom.residue_name.as_str()).collect();
    assert_eq!(of_ligands, ["A1L", "Q00"]);

    let error = fastmpnn(&["design", &plain, "--structure-format", "cif"]).failure(2);
    assert!(error.contains("--structure-format is that of structures: add --structures or --pack"), "{error}");
}

#[test]
fn a_packing_that_pdb_has_no_room_for_is_mmcif_on_standard_output_as_well() {
    if published(PACKER).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chain.cif");
    fs::write(&file, as_mmcif("6MRR.pdb", "AA", "")).unwrap();
    let file = file.to_str().unwrap();
    let run = fastmpnn(&["pack", file, "--num-packs", "1"]);
    assert!(run.err.contains("written as mmCIF, because PDB has no room for the chain id AA"), "{}", run.err);
    assert!(run.success().starts_with("data_chain\n"));
    let text = fastmpnn(&["pack", file, "--num-packs", "1", "--structure-format", "pdb", "-q"]).success();
    assert!(text.starts_with("REMARK   6 CHAIN AA IS WRITTEN AS A"), "{text}");
}

#[test]
fn each_state_is_written_with_its_own_atoms() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The first state lacks the backbone of two residues; the second stands 50 Å farther along x.
    let given = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let lines = || given.lines().filter(|line| line.starts_with("ATOM"));
    let kept = |line: &&str| &line[12..16] == " CA " || !["  30", "  31"].contains(&&line[22..26]);
    let closed: String = lines().filter(kept).map(|line| format!("{line}\n")).collect();
    let moved = |line: &str| {
        let x: f32 = line[30..38].trim().parse().unwrap();
        format!("{}{:8.3}{}\n", &line[..30], x + 50.0, &line[38..])
    };
    fs::write(path("closed.pdb"), closed).unwrap();
    fs::write(path("open.pdb"), lines().map(moved).collect::<String>()).unwrap();
    let [closed, open, out] = ["closed.pdb", "open.pdb", "out"].map(|name| path(name).to_str().unwrap().to_owned());
    let states = ["design", "--states", &closed, &open, "--fix", "A1-5", "--structures", "-q", "-o", &out];
    fastmpnn(&states).success();
    assert_eq!(names(&path("out/structures")), ["closed_1.pdb", "open_1.pdb"]);
    let fasta = fs::read_to_string(path("out/seqs/closed.fa")).unwrap();
    let sequence = records(&fasta)[1].1;
    for (name, lacking) in [("closed", 2), ("open", 0)] {
        let (state, written) =
            (read(&path(&format!("{name}.pdb"))), read(&path(&format!("out/structures/{name}_1.pdb"))));
        assert_eq!(written.residues.len(), state.residues.len());
        let mut without = 0;
        for (index, (written, state)) in written.residues.iter().zip(&state.residues).enumerate() {
            assert_eq!(written.letter.to_char(), sequence.as_bytes()[index] as char);
            for atom in &written.atoms {
                let given = state.atom(&atom.name).map(|given| given.position);
                assert_eq!(Some(atom.position), given, "{name} {} {}", state.id, atom.name);
            }
            without += usize::from(written.backbone().is_none());
            let fixed = index < 5;
            assert_eq!(fixed, written.atoms.len() > 4, "{name} {}", state.id);
        }
        assert_eq!(without, lacking, "{name}");
    }
}

#[test]
fn packing_a_design_moves_designed_residues_alone_unless_told_otherwise() {
    if published(PACKER).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = example("3HTN.pdb");
    let native = read(file.as_ref());
    let run = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let given = ["design", &file, "--redesign", "A50-60", "--pack", "--num-packs", "1", "-q", "-o"];
        fastmpnn(&[&given[..], &[out.to_str().unwrap()], more].concat()).success();
        let packed = fs::read_dir(out.join("packed")).unwrap().next().unwrap().unwrap().path();
        (read(&packed), settings(&out))
    };
    let moved = |packed: &Structure| -> Vec<String> {
        let pairs = packed.residues.iter().zip(&native.residues);
        pairs
            .filter(|(packed, native)| atoms(packed) != atoms(native))
            .map(|(_, native)| native.id.to_string())
            .collect()
    };
    let (packed, settings) = run("designed", &[]);
    let of_designed = moved(&packed);
    let expected: Vec<String> = (50..=60).map(|number| format!("A{number}")).collect();
    assert!(expected.iter().all(|id| of_designed.contains(id)), "{of_designed:?}");
    // Side chains that lack an atom are packed all the same.
    assert!(of_designed.len() < 30, "{of_designed:?}");
    let record = &settings["packing"];
    assert_eq!((&record["packer"], &record["packs"], &record["seed"]), (&PACKER.into(), &1.into(), &37.into()));
    assert_eq!(record["packer_sha256"].as_str().map(str::len), Some(64), "{record}");
    assert_eq!((&record["denoising_steps"], &record["samples"]), (&3.into(), &16.into()));
    assert_eq!((&record["repack_everything"], &record["ligands"]), (&false.into(), &true.into()));

    let (packed, settings) = run("everything", &["--repack-everything", "--no-ligand", "--model", "ligand"]);
    assert!(moved(&packed).len() > native.residues.len() * 9 / 10);
    let record = &settings["packing"];
    assert_eq!((&record["repack_everything"], &record["ligands"]), (&true.into(), &false.into()));
}

#[test]
fn a_modified_residue_that_is_not_packed_stays_what_it_is() {
    if published(PACKER).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mse.pdb");
    // Residue 10 of 6MRR with selenomethionine's side chain, where the LEU or ILE had one.
    let given = fs::read_to_string(example("6MRR.pdb")).unwrap();
    let number = |line: &str| line[22..26].trim().parse::<i32>().unwrap();
    let chosen = read(example("6MRR.pdb").as_ref())
        .residues
        .into_iter()
        .find(|residue| residue.name == "LEU" && residue.atoms.len() > 7)
        .unwrap();
    let renamed = |line: &str| -> Option<String> {
        if number(line) != chosen.id.number {
            return Some(format!("{line}\n"));
        }
        let (name, element) = match line[12..16].trim() {
            name @ ("N" | "CA" | "C" | "O" | "CB" | "CG") => (format!(" {name:<3}"), name[..1].to_owned()),
            "CD1" => ("SE  ".to_owned(), "SE".to_owned()),
            _ => return None,
        };
        Some(format!("HETATM{}{name} MSE{}{element:>2}\n", &line[6..12], &line[20..76]))
    };
    let mut text: String = given.lines().filter(|line| line.starts_with("ATOM")).filter_map(renamed).collect();
    // The end of its side chain, near enough to be measured on.
    let [x, y, z] = chosen.atom("CD1").unwrap().position;
    let line = format!(
        "HETATM 9000  CE  MSE A{:4}    {:8.3}{y:8.3}{:8.3}  1.00 10.00           C",
        chosen.id.number,
        x + 1.9,
        z + 0.5
    );
    let after = text.rfind("MSE").unwrap();
    let after = after + text[after..].find('\n').unwrap() + 1;
    text.insert_str(after, &format!("{line}\n"));
    fs::write(&file, text).unwrap();
    let (file, number) = (file.to_str().unwrap(), chosen.id.number);
    let (before, after) = (format!("A1-{}", number - 1), format!("A{}-68", number + 1));
    let choice = ["pack", file, "--num-packs", "1", "-q", "--repack", &before, "--repack", &after];
    let packed = fastmpnn(&choice).success();
    let of_residue = |start: &str| -> Vec<&str> {
        let same = |line: &&str| line.starts_with(start) && line[22..26].trim() == number.to_string();
        packed.lines().filter(same).map(|line| line[12..20].trim()).collect()
    };
    assert_eq!(of_residue("ATOM"), Vec::<&str>::new(), "{packed}");
    let expected = ["N   MSE", "CA  MSE", "C   MSE", "O   MSE", "CB  MSE", "CG  MSE", "SE   MSE", "CE  MSE"];
    assert_eq!(of_residue("HETATM"), expected);
    // Packed, it is methionine, and the file says so.
    let packed = fastmpnn(&["pack", file, "--num-packs", "1", "-q"]).success();
    assert!(packed.contains(&format!("REMARK   6 RESIDUE MSE A{number} IS WRITTEN AS MET")), "{packed}");
}

#[test]
fn pack_names_its_own_options() {
    if published(PACKER).is_none() {
        return;
    }
    let file = example("6MRR.pdb");
    for option in ["--repack", "--fix"] {
        let error = fastmpnn(&["pack", &file, option, "Z1-9", "-q"]).failure(2);
        assert!(error.contains(&format!("{option} ")) && !error.contains("--redesign"), "{error}");
    }
    let run = fastmpnn(&["pack", &file, "--num-packs", "1", "--repack", "A1-9", "--fix", "A5"]);
    assert!(run.err.contains("--repack beats --fix: A5 is packed"), "{}", run.err);
}
