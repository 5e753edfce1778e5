//! Real entries, each in all formats that are available.

use std::path::{Path, PathBuf};

use fastmpnn::structure::{LigandAtom, ReadOptions, Residue, Structure, read_path};

use super::hostile::check_invariants;
use crate::shared::shared;

pub(super) fn structure_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(structure_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "pdb" || ending == "cif") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn real_entries_are_read_and_both_formats_agree() {
    let Some(folder) = shared("structures") else { return };
    let files = structure_files(&folder);
    assert!(files.len() > 10, "only {} files in {}", files.len(), folder.display());
    let mut pairs = 0;
    for file in &files {
        let structure = read_path(file, &ReadOptions::default()).unwrap();
        check_invariants(&structure);
        assert!(!structure.residues.is_empty() || !structure.ligand_atoms.is_empty(), "{}", file.display());
        let twin = file.with_extension("pdb");
        if file.extension().is_some_and(|ending| ending == "cif") && twin.exists() {
            pairs += 1;
            assert_same_entry(&structure, &read_path(&twin, &ReadOptions::default()).unwrap());
        }
    }
    println!("{} files, {pairs} entries in both formats", files.len());
}

fn assert_same_entry(cif: &Structure, pdb: &Structure) {
    let sorted = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let describe_residue = |residue: &Residue| {
        let atoms = residue.atoms.iter().map(|atom| format!("{atom:?}")).collect();
        format!("{} {} {} {} {:?}", residue.id, residue.name, residue.letter, residue.sequence_position, sorted(atoms))
    };
    let residues = |structure: &Structure| structure.residues.iter().map(describe_residue).collect::<Vec<_>>();
    // Fields that only one of the formats has, such as label ids, are left out.
    let describe_ligand = |ligand: &LigandAtom| {
        format!("{} {} {} {:?}", ligand.residue, ligand.residue_name, ligand.presented.hetatm, ligand.atom)
    };
    let ligands = |structure: &Structure| sorted(structure.ligand_atoms.iter().map(describe_ligand).collect());
    let messages = |structure: &Structure| {
        sorted(structure.warnings.iter().map(|warning| format!("{:?} {}", warning.residue, warning.message)).collect())
    };
    assert_eq!(residues(cif), residues(pdb), "{}", cif.name);
    assert_eq!(ligands(cif), ligands(pdb), "{}", cif.name);
    assert_eq!(messages(cif), messages(pdb), "{}", cif.name);
}
