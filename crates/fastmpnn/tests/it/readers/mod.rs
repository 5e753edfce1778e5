//! The readers on small files, one oddity each, on real entries, and on damaged input.

mod altloc;
mod assemblies;
mod chain_columns;
mod cif_blocks;
mod columns;
mod content;
mod coordinates;
mod entries;
mod field;
mod hostile;
mod mmcif;
mod names;
mod pdb;
mod polymer;
mod presented;
mod repeated_chains;

use std::path::{Path, PathBuf};

use fastmpnn::chemistry::sequence_string;
use fastmpnn::structure::{ReadOptions, Structure, read_bytes};

/// A PDB atom line: `site` is columns 17 to 27, that is altloc, residue name, chain, number and insertion code.
fn atom(record: &str, name: &str, site: &str, position: [f32; 3], element: &str) -> String {
    let [x, y, z] = position;
    let name = if name.len() == 4 { name.to_owned() } else { format!(" {name:<3}") };
    format!("{record:<6}{:>5} {name}{site:<11}   {x:8.3}{y:8.3}{z:8.3}  1.00 10.00          {element:>2}\n", 1)
}

/// N, CA, C, O of a residue on a straight chain along x, 3.8 Å per residue, so that neighbors are bonded.
fn residue(record: &str, site: &str, index: i32) -> String {
    backbone(index).map(|(name, position)| atom(record, name, site, position, &name[..1])).concat()
}

/// Names and positions of N, CA, C and O for [`residue`] and [`cif_residue`].
fn backbone(index: i32) -> [(&'static str, [f32; 3]); 4] {
    let x = 3.8 * index as f32;
    [("N", 0.0, 0.0), ("CA", 1.3, 0.7), ("C", 2.5, 0.0), ("O", 2.5, -1.23)]
        .map(|(name, dx, y)| (name, [x + dx, y, 0.0]))
}

/// PDB atom lines of [`atom`] and [`residue`] with another occupancy than 1.
fn with_occupancy(lines: &str, occupancy: f32) -> String {
    lines.replace("  1.00 10", &format!("  {occupancy:4.2} 10"))
}

/// The columns of [`cif_residue`].
const CIF_ITEMS: &str = "group_PDB type_symbol label_atom_id label_comp_id label_asym_id label_seq_id auth_seq_id auth_asym_id \
                         Cartn_x Cartn_y Cartn_z";

/// A loop of rows with the columns of [`CIF_ITEMS`].
fn cif_table(rows: &str) -> String {
    let items: String = CIF_ITEMS.split_whitespace().map(|item| format!("_atom_site.{item}\n")).collect();
    format!("loop_\n{items}{rows}#\n")
}

/// [`residue`] as rows of [`cif_table`]; `ids` are `label_asym_id`, `label_seq_id`, `auth_seq_id`, `auth_asym_id`.
fn cif_residue(record: &str, name: &str, ids: &str, index: i32) -> String {
    let row = |(atom, [x, y, z]): (&str, [f32; 3])| {
        let element = &atom[..1];
        format!("{record} {element} {atom} {name} {ids} {x} {y} {z}\n")
    };
    backbone(index).map(row).concat()
}

fn read(text: &str) -> Structure {
    read_bytes("test.pdb", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn read_cif(text: &str) -> Structure {
    read_bytes("x.cif", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn ids(structure: &Structure) -> Vec<String> {
    structure.residues.iter().map(|residue| residue.id.to_string()).collect()
}

fn letters(structure: &Structure) -> String {
    sequence_string(&structure.residues.iter().map(|residue| residue.letter).collect::<Vec<_>>())
}

fn positions(structure: &Structure) -> Vec<i32> {
    structure.residues.iter().map(|residue| residue.sequence_position).collect()
}

fn warnings(structure: &Structure) -> String {
    structure.warnings.iter().map(|warning| format!("{warning}\n")).collect()
}

fn assert_says(structure: &Structure, sentence: &str) {
    let warnings = warnings(structure);
    assert!(warnings.contains(sentence), "{sentence:?} is not among\n{warnings}");
}

fn without_carbonyl_oxygens(text: &str) -> String {
    let kept = text.lines().filter(|line| line.get(12..16) != Some(" O  "));
    kept.map(|line| format!("{line}\n")).collect()
}

fn oxygen(structure: &Structure, index: usize) -> [f32; 3] {
    structure.residues[index].atom("O").unwrap().position
}

fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
