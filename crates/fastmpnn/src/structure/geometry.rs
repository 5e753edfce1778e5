//! Warnings about impossible coordinates: coinciding atoms, placeholders such as 9999.999, atoms far from their own
//! residue. Nothing is changed; each kind gives one warning per structure.

use super::polymer::distance;
use super::warnings::{Kinds, list_residues};
use super::{Atom, Residue, ResidueId, Warning};
use crate::chemistry::Letter;

/// Programs write coordinates of 9999 Å and more for atoms whose position is unknown; no PDB entry extends that far.
const PLACEHOLDER: f32 = 9999.0;

/// The bonds N–CA (1.46 Å), CA–C (1.53 Å), C–O (1.23 Å) and CA–CB (1.53 Å) of any residue are within these, Å. In the
/// entries that the readers are tested on, NMR models among them, the first three are 1.2 to 1.7 Å; R. A. Engh & R. Huber,
/// Acta Cryst. A47 (1991) 392, give them a standard deviation of 0.02 Å.
const BOND: std::ops::Range<f32> = 0.9..2.1;

/// The same for modified residues, whose C and N may be those of a longer chain than that of an alpha amino acid.
const BOND_OF_MODIFIED: std::ops::Range<f32> = 0.9..8.0;

/// Two atoms of a residue closer than this, Å, count as coinciding.
const ONE_POINT: f32 = 0.5;

/// CA atoms of neighbors closer than this, Å, count as coinciding; across a cis peptide bond they are 2.9 Å apart.
const ALPHAS_ON_ONE_POINT: f32 = 2.0;

/// No side-chain atom of the twenty amino acids is farther from its CA than this, Å: NH1 and NH2 of arginine are up to 7.4 Å
/// away.
const FARTHEST: f32 = 10.0;

/// The same for modified residues, which may carry a chromophore or a lipid.
const FARTHEST_OF_MODIFIED: f32 = 40.0;

/// Residues with more heavy atoms than this are not searched for coinciding atoms.
const LARGEST: usize = 120;

/// What may be wrong with a residue; the first that holds is reported.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Fault {
    Placeholder,
    BackboneOnOnePoint,
    BackboneBond,
    NeighborsOnOnePoint,
    SideChain,
}

impl Fault {
    fn noun(self) -> &'static str {
        match self {
            Fault::Placeholder => "placeholder coordinates in the backbone",
            Fault::BackboneOnOnePoint => "backbone atoms on one point",
            Fault::BackboneBond => "backbone bonds of a length that no residue has",
            Fault::NeighborsOnOnePoint => "the CA atoms of neighbors on one point",
            Fault::SideChain => "side-chain atoms on one point or far from their residue",
        }
    }
}

/// One warning for each kind of fault that the structure has, with its residues and the distance of the worst of them.
pub(super) fn report(residues: &[Residue], lines: &[usize]) -> Vec<Warning> {
    struct Found {
        members: Vec<usize>,
        /// The size of the worst fault, and its description.
        worst: (f32, String),
    }
    let mut kinds: Kinds<Fault, Found> = Kinds::default();
    for (index, residue) in residues.iter().enumerate() {
        let before =
            index.checked_sub(1).map(|before| &residues[before]).filter(|before| before.chain == residue.chain);
        let Some((fault, size, words)) = fault_of(residue, before) else { continue };
        let found = kinds.entry(fault, || Found { members: Vec::new(), worst: (f32::NEG_INFINITY, String::new()) });
        found.members.push(index);
        if size > found.worst.0 {
            found.worst = (size, words);
        }
    }
    let warning = |(fault, found): (Fault, Found)| {
        let what = format!("{} ({}); read as they stand", fault.noun(), found.worst.1);
        let line = lines.get(found.members[0]).copied();
        match found.members[..] {
            [only] => Warning { line, residue: Some(residues[only].id.clone()), message: what },
            _ => {
                let ids = list_residues(&found.members, |index| &residues[index].id);
                Warning { line, residue: None, message: format!("residues {ids}: {what}") }
            }
        }
    };
    kinds.into_iter().map(warning).collect()
}

/// The fault of a residue, its size among faults of its kind, and its description.
fn fault_of(residue: &Residue, before: Option<&Residue>) -> Option<(Fault, f32, String)> {
    let id = &residue.id;
    let backbone = ["N", "CA", "C", "O"].map(|name| residue.atom(name));
    let is_placeholder = |atom: &&Atom| atom.position.iter().any(|component| component.abs() >= PLACEHOLDER);
    if let Some(atom) = backbone.iter().flatten().copied().find(is_placeholder) {
        let [x, y, z] = atom.position;
        return Some((Fault::Placeholder, 0.0, format!("{} of {id} at {x:.3}, {y:.3}, {z:.3}", atom.name)));
    }
    let bond = if is_standard(residue) { BOND } else { BOND_OF_MODIFIED };
    let apart = |a: &Atom, b: &Atom| distance(a.position, b.position);
    let pairs = (0..4).flat_map(|a| (a + 1..4).map(move |b| (a, b)));
    let of_pair = |(a, b): (usize, usize)| Some((backbone[a]?, backbone[b]?));
    for (a, b) in pairs.filter_map(of_pair) {
        if apart(a, b) < ONE_POINT {
            return Some((Fault::BackboneOnOnePoint, -apart(a, b), words(id, a, b)));
        }
    }
    let mut worst: Option<(f32, String)> = None;
    for (a, b) in [(0, 1), (1, 2), (2, 3)].into_iter().filter_map(of_pair) {
        let length = apart(a, b);
        // A bond is as bad as it is long; the short ones come last.
        if !bond.contains(&length) && worst.as_ref().is_none_or(|(size, _)| length > *size) {
            worst = Some((length, words(id, a, b)));
        }
    }
    if let Some((size, words)) = worst {
        return Some((Fault::BackboneBond, size, words));
    }
    if let (Some(own), Some(other)) = (backbone[1], before.and_then(|before| before.atom("CA")))
        && apart(own, other) < ALPHAS_ON_ONE_POINT
        && let Some(before) = before
    {
        let words = format!("CA of {} and CA of {id}: {:.2} Å", before.id, apart(own, other));
        return Some((Fault::NeighborsOnOnePoint, -apart(own, other), words));
    }
    side_chain_fault(residue, backbone[1]?).map(|(size, words)| (Fault::SideChain, size, words))
}

fn is_standard(residue: &Residue) -> bool {
    Letter::from_standard_name(&residue.name).is_some_and(|letter| letter != Letter::X)
}

fn side_chain_fault(residue: &Residue, alpha: &Atom) -> Option<(f32, String)> {
    let id = &residue.id;
    let is_side_chain =
        |atom: &&Atom| atom.element != "H" && !["N", "CA", "C", "O", "OXT"].contains(&atom.name.as_str());
    let atoms: Vec<&Atom> = residue.atoms.iter().filter(is_side_chain).collect();
    let standard = is_standard(residue);
    let farthest = if standard { FARTHEST } else { FARTHEST_OF_MODIFIED };
    let apart = |atom: &Atom| distance(atom.position, alpha.position);
    let misplaced = |atom: &Atom| {
        let is_beta = standard && atom.name == "CB";
        apart(atom) > farthest || is_beta && !BOND.contains(&apart(atom))
    };
    let outermost = atoms.iter().copied().filter(|atom| misplaced(atom)).max_by(|a, b| apart(a).total_cmp(&apart(b)));
    if let Some(atom) = outermost {
        return Some((apart(atom), words(id, alpha, atom)));
    }
    if atoms.len() > LARGEST {
        return None;
    }
    let on_one_point = |place: usize| {
        let same = |other: &&&Atom| distance(other.position, atoms[place].position) < ONE_POINT;
        atoms[place + 1..].iter().find(same).map(|other| (0.0, words(id, atoms[place], other)))
    };
    (0..atoms.len()).find_map(on_one_point)
}

fn words(id: &ResidueId, a: &Atom, b: &Atom) -> String {
    format!("{} and {} of {id}: {:.2} Å", a.name, b.name, distance(a.position, b.position))
}
