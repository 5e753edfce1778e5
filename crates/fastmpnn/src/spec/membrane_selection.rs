//! The membrane labels of a specification, residue by residue.

use super::membrane_class::{BURIED, INTERFACE};
use super::ranges::short_ranges;
use super::selection::Selector;
use super::{DesignSpec, MembraneClass, MembraneLabel};
use crate::error::SpecError;
use crate::structure::Structure;

/// What a specification says of the membrane: the class of each residue, none where it says nothing.
pub(super) fn membrane_classes(
    spec: &DesignSpec,
    structure: &Structure,
    warnings: &mut Vec<String>,
) -> Result<Vec<MembraneClass>, SpecError> {
    let count = structure.residues.len();
    let by_residue = !spec.membrane_buried.is_empty() || !spec.membrane_interface.is_empty();
    match spec.membrane_global {
        Some(_) if by_residue => return Err(SpecError::TwoKindsOfLabels),
        Some(MembraneLabel::Soluble) => return Ok(vec![MembraneClass::Outside; count]),
        Some(MembraneLabel::Transmembrane) => return Ok(vec![MembraneClass::Interface; count]),
        None if !by_residue => return Ok(Vec::new()),
        None => {}
    }
    let selector = Selector { structure, files: &spec.files };
    let mut membrane = vec![MembraneClass::Outside; count];
    let mut both = Vec::new();
    for (field, texts, class) in [
        (BURIED, &spec.membrane_buried, MembraneClass::Buried),
        (INTERFACE, &spec.membrane_interface, MembraneClass::Interface),
    ] {
        for text in texts {
            let mut selection = selector.select(field, text)?;
            warnings.append(&mut selection.warnings);
            for index in selection.indexes {
                if membrane[index] != MembraneClass::Outside && membrane[index] != class {
                    both.push(index);
                }
                membrane[index] = class;
            }
        }
    }
    if both.is_empty() {
        return Ok(membrane);
    }
    both.sort_unstable();
    both.dedup();
    Err(SpecError::BuriedAndInterface { residues: short_ranges(&both, structure) })
}
