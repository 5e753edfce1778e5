//! Steric clashes of packed side chains.
//!
//! Two heavy atoms clash when their van der Waals spheres overlap by more than 0.4 Å (the bound of MolProbity's clash
//! score; Word et al., *J. Mol. Biol.* 285, 1711–1733, 1999), or by more than 0.7 Å where both are nitrogen or oxygen and
//! may share a hydrogen bond. Radii are Bondi's (*J. Phys. Chem.* 68, 441–451, 1964); elements without one here, such as
//! metals, do not clash.
//!
//! Counted are pairs with at least one atom of a side chain, of two residues or of a residue and a ligand. Not counted are
//! atoms within three bonds of each other across the peptide bond, the sulfurs of two cysteines closer than 2.5 Å, and
//! ligand atoms that were bonded to the residue in the structure that was read (closer than 2.1 Å to one of its atoms).

use std::collections::HashMap;

use crate::chemistry::{Letter, SideChain};
use crate::decode::Packing;
use crate::error::EngineError;
use crate::structure::{Chain, Point, Structure};

/// The smallest overlap that counts as a clash, Å.
const OVERLAP: f32 = 0.4;
/// The same for pairs that may form a hydrogen bond, Å.
const HYDROGEN_BOND_OVERLAP: f32 = 0.7;
/// Sulfurs closer than this are a disulfide, Å.
const DISULFIDE: f32 = 2.5;
/// A ligand atom closer than this to a residue is bonded to it, Å.
const BOND: f32 = 2.1;
/// No two atoms farther apart than this clash, Å: twice the largest radius.
const CELL: f32 = 4.0;
/// Atoms before this one in [`SideChain::atoms`] are backbone: N, CA, C, O.
const FIRST_SIDE_CHAIN_ATOM: usize = 4;

/// An atom of a packed structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AtomPlace {
    /// An atom of a protein residue.
    Residue {
        /// Index into [`Structure::residues`].
        residue: usize,
        /// Index into [`SideChain::atoms`].
        atom: usize,
    },
    /// A ligand atom: an index into [`Structure::ligand_atoms`].
    Ligand(usize),
}

/// Two atoms that are too close.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Clash {
    /// The atom that comes first.
    pub first: AtomPlace,
    /// The other one.
    pub second: AtomPlace,
    /// The overlap of their van der Waals spheres, Å.
    pub overlap: f32,
}

#[derive(Clone, Copy)]
struct Sphere {
    place: AtomPlace,
    position: Point,
    radius: f32,
    polar: bool,
}

/// All clashes of a packing, ordered by the first atom.
///
/// # Errors
/// [`EngineError::TableLength`] if the structure has another number of residues than the packing.
pub fn clashes(structure: &Structure, packing: &Packing) -> Result<Vec<Clash>, EngineError> {
    packing.check(structure)?;
    let spheres = spheres(structure, packing);
    let cell = |position: Point| position.map(|value| (value / CELL).floor() as i32);
    let mut cells: HashMap<[i32; 3], Vec<usize>> = HashMap::new();
    let mut found = Vec::new();
    for (index, sphere) in spheres.iter().enumerate() {
        let [x, y, z] = cell(sphere.position);
        // Those before this one are in the cells already: each pair is met once.
        let offset = |value: i32, by: i32| value.wrapping_add(by - 1);
        for near in (0..27).map(|k| [offset(x, k % 3), offset(y, k / 3 % 3), offset(z, k / 9)]) {
            for &other in cells.get(&near).into_iter().flatten() {
                let other = &spheres[other];
                let apart = distance(sphere.position, other.position);
                let overlap = sphere.radius + other.radius - apart;
                let allowed = if sphere.polar && other.polar { HYDROGEN_BOND_OVERLAP } else { OVERLAP };
                if overlap > allowed && counts(structure, packing, other.place, sphere.place, apart) {
                    found.push(Clash { first: other.place, second: sphere.place, overlap });
                }
            }
        }
        cells.entry([x, y, z]).or_default().push(index);
    }
    Ok(found)
}

fn spheres(structure: &Structure, packing: &Packing) -> Vec<Sphere> {
    let mut spheres = Vec::new();
    let mut add = |place: AtomPlace, element: &str, position: Point| {
        if let Some(radius) = radius(element).filter(|_| position.iter().all(|value| value.is_finite())) {
            spheres.push(Sphere { place, position, radius, polar: matches!(element, "N" | "O") });
        }
    };
    for (residue, atoms) in packing.atoms.iter().enumerate().filter(|&(residue, _)| packing.resolved[residue]) {
        for (atom, ideal) in SideChain::of(packing.sequence[residue]).atoms.iter().enumerate() {
            add(AtomPlace::Residue { residue, atom }, ideal.element(), atoms[atom]);
        }
    }
    for (index, ligand) in structure.ligand_atoms.iter().enumerate() {
        add(AtomPlace::Ligand(index), &ligand.atom.element, ligand.atom.position);
    }
    spheres
}

/// Whether a pair that is `apart` Å apart can be a clash.
fn counts(structure: &Structure, packing: &Packing, first: AtomPlace, second: AtomPlace, apart: f32) -> bool {
    let side_chain = |atom: usize| atom >= FIRST_SIDE_CHAIN_ATOM;
    match (first, second) {
        (AtomPlace::Residue { residue: i, atom: a }, AtomPlace::Residue { residue: j, atom: b }) => {
            let (first, second) = (packing.sequence[i], packing.sequence[j]);
            let sulfur = |letter: Letter, atom: usize| SideChain::of(letter).atoms[atom].name == "SG";
            i != j
                && (side_chain(a) || side_chain(b))
                && !(sulfur(first, a) && sulfur(second, b) && apart < DISULFIDE)
                && !(bonded(structure, packing, i, j) && bonds_to(first, a, "C") + bonds_to(second, b, "N") <= 2)
                && !(bonded(structure, packing, j, i) && bonds_to(second, b, "C") + bonds_to(first, a, "N") <= 2)
        }
        (AtomPlace::Residue { residue, atom }, AtomPlace::Ligand(ligand))
        | (AtomPlace::Ligand(ligand), AtomPlace::Residue { residue, atom }) => {
            let position = structure.ligand_atoms[ligand].atom.position;
            let linked = structure.residues[residue].atoms.iter().any(|own| distance(own.position, position) < BOND);
            side_chain(atom) && !linked
        }
        (AtomPlace::Ligand(_), AtomPlace::Ligand(_)) => false,
    }
}

/// Whether C of residue `i` is bonded to N of residue `j`, which follows it or closes its chain to a ring.
fn bonded(structure: &Structure, packing: &Packing, i: usize, j: usize) -> bool {
    let chain = structure.residues[i].chain;
    let closes = |chain: &Chain| i + 1 == chain.residues.end && j == chain.residues.start;
    (i + 1 == j || structure.chains.get(chain).is_some_and(closes))
        && structure.residues[j].chain == chain
        && distance(packing.atoms[i][2], packing.atoms[j][0]) < BOND
}

/// Bonds from an atom of a residue to its N or C; 3 means three or more.
fn bonds_to(letter: Letter, atom: usize, end: &str) -> usize {
    let name = SideChain::of(letter).atoms[atom].name;
    let proline = letter.to_char() == 'P';
    match (name, end) {
        ("N", "N") | ("C", "C") => 0,
        ("CA", _) | ("O", "C") => 1,
        ("CD", "N") if proline => 1,
        ("CG", "N") if proline => 2,
        ("CB", _) | ("N", "C") | ("C", "N") => 2,
        _ => 3,
    }
}

/// Å; `None` for an element that does not clash.
fn radius(element: &str) -> Option<f32> {
    Some(match element {
        "C" => 1.70,
        "N" => 1.55,
        "O" => 1.52,
        "F" => 1.47,
        "P" | "S" => 1.80,
        "CL" => 1.75,
        "BR" => 1.85,
        "SE" => 1.90,
        "I" => 1.98,
        _ => return None,
    })
}

fn distance(a: Point, b: Point) -> f32 {
    a.iter().zip(b).map(|(p, q)| (p - q) * (p - q)).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::{ReadOptions, read_bytes};

    /// The side chains of a file as a packing; missing atoms are NaN.
    fn as_read(text: &str) -> (Structure, Packing) {
        let structure = read_bytes("x.pdb", text.as_bytes(), &ReadOptions::default()).expect("a structure");
        let count = structure.residues.len();
        let mut packing = Packing {
            sequence: structure.residues.iter().map(|residue| residue.letter).collect(),
            resolved: vec![true; count],
            packed: vec![false; count],
            atoms: vec![[[f32::NAN; 3]; 14]; count],
            angles: vec![[0.0; 4]; count],
            log_density: vec![[0.0; 4]; count],
        };
        packing.keep_side_chains(&structure).expect("a packing of the structure");
        (structure, packing)
    }

    #[test]
    fn a_crystal_has_few_clashes_and_residues_pushed_together_have_them() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/6MRR.pdb");
        let text = std::fs::read_to_string(path).expect("an example");
        let (structure, mut packing) = as_read(&text);
        let found = clashes(&structure, &packing).expect("a packing of the structure");
        assert!(found.len() <= 1, "{} clashes", found.len());
        // Of the residues that have seven atoms or more, the last onto the first.
        let whole: Vec<usize> = (0..packing.atoms.len())
            .filter(|&residue| {
                let atoms = &packing.atoms[residue][..7];
                packing.sequence[residue].to_char() != 'P' && atoms.iter().flatten().all(|value| value.is_finite())
            })
            .collect();
        let (first, last) = (whole[0], whole[whole.len() - 1]);
        let shift: Point = std::array::from_fn(|axis| packing.atoms[first][4][axis] - packing.atoms[last][4][axis]);
        for atom in &mut packing.atoms[last] {
            *atom = std::array::from_fn(|axis| atom[axis] + shift[axis] + 0.1);
        }
        assert!(clashes(&structure, &packing).expect("a packing of the structure").len() > found.len() + 3);
    }

    #[test]
    fn bonded_atoms_do_not_clash() {
        // CB of residue 1 and N of residue 2: three bonds.
        let letter = Letter::from_char('L').expect("a letter");
        let place =
            |name: &str| SideChain::of(letter).atoms.iter().position(|atom| atom.name == name).expect("an atom");
        assert_eq!(bonds_to(letter, place("CB"), "C") + bonds_to(letter, place("N"), "N"), 2);
        assert_eq!(bonds_to(letter, place("CG"), "C"), 3);
        let proline = Letter::from_char('P').expect("a letter");
        let delta = SideChain::of(proline).atoms.iter().position(|atom| atom.name == "CD").expect("an atom");
        assert_eq!(bonds_to(letter, place("O"), "C") + bonds_to(proline, delta, "N"), 2);
    }
}
