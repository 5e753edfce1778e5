//! Cyclic chains: resolves them, and checks whether their ends meet.

use super::DesignSpec;
use super::quotation::quoted;
use super::ranges::residue_name;
use super::selection::Selector;
use crate::error::SpecError;
use crate::structure::{Point, Residue, Structure};

const CYCLIC: &str = "cyclic";

/// The longest peptide bond that a file may show, Å; 1.33 is its length.
const LONGEST_BOND: f32 = 2.0;

/// The farthest that CA atoms of bonded residues may be apart, Å; 3.8 is usual.
const FARTHEST_ALPHAS: f32 = 4.5;

/// Whether each residue is in a cyclic chain, `[N]`; empty where none is. Ends that do not meet are warned of.
pub(super) fn cyclic_residues(
    spec: &DesignSpec,
    structure: &Structure,
    warnings: &mut Vec<String>,
) -> Result<Vec<bool>, SpecError> {
    let Some(text) = &spec.cyclic else { return Ok(Vec::new()) };
    let cyclic = Selector { structure, files: &spec.files }.select_chains(CYCLIC, text)?;
    for chain in &structure.chains {
        let residues = &structure.residues[chain.residues.clone()];
        if !cyclic[chain.residues.start..].first().copied().unwrap_or_default() {
            continue;
        }
        let [first, .., last] = residues else { continue };
        let name = |residue: &Residue| residue_name(&residue.id, structure);
        let far = match gap(last, first) {
            Some((distance, atoms, most)) if distance > most => {
                format!("{} of {} and {} of {} are {distance:.1} Å apart", atoms.0, name(last), atoms.1, name(first))
            }
            Some(_) => continue,
            None => format!("{} and {} lack the atoms that would show a bond", name(last), name(first)),
        };
        warnings.push(format!("`{CYCLIC}` {}: {far}; the chain counts as cyclic all the same", quoted(text)));
    }
    Ok(cyclic)
}

/// How far apart the atoms are that would be bonded, which they are, and how far they may be.
fn gap(last: &Residue, first: &Residue) -> Option<(f32, (&'static str, &'static str), f32)> {
    let between = |(from, to): (&'static str, &'static str), most: f32| {
        let apart = distance(last.atom(from)?.position, first.atom(to)?.position);
        Some((apart, (from, to), most))
    };
    between(("C", "N"), LONGEST_BOND).or_else(|| between(("CA", "CA"), FARTHEST_ALPHAS))
}

fn distance(a: Point, b: Point) -> f32 {
    a.iter().zip(b).map(|(p, q)| (p - q) * (p - q)).sum::<f32>().sqrt()
}
