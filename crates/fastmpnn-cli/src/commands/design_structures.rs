//! The structures of `design --structures` and the formats of all that `design` writes.

use anyhow::Result;
use fastmpnn::chemistry::MAX_ATOMS;
use fastmpnn::decode::Design;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::{Residue, Structure};
use fastmpnn::write::{StructureFormat, WrittenStructure};

use super::structure_format::chosen_format;
use crate::printer::Printer;
use crate::settings::DesignSettings;

/// A protein's states, each in the format it is written in.
pub(super) struct StateStructures<'a> {
    plan: &'a DesignPlan,
    states: &'a [Structure],
    formats: Vec<StructureFormat>,
}

impl<'a> StateStructures<'a> {
    /// Decides the formats, with a note where one is not plain PDB.
    pub(super) fn new(
        settings: &DesignSettings,
        (plan, states): (&'a DesignPlan, &'a [Structure]),
        printer: &Printer,
    ) -> StateStructures<'a> {
        let written = settings.structures || settings.packing.is_some();
        let format = |state: &Structure| match written {
            true => {
                let atoms = most_atoms(state, plan, settings.packing.is_some());
                chosen_format(settings.format, (state, atoms), (&state.name, printer))
            }
            false => StructureFormat::Pdb,
        };
        StateStructures { plan, states, formats: states.iter().map(format).collect() }
    }

    /// Each state with its format.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a Structure, StructureFormat)> {
        self.states.iter().zip(self.formats.clone())
    }

    /// A design on one of the states, as the bytes of its file. The state has its own atoms: a residue that it lacks is not
    /// taken from another.
    pub(super) fn file_of(&self, design: &Design, (state, format): (&Structure, StructureFormat)) -> Result<Vec<u8>> {
        let confidence: Vec<f32> = design.negative_log_likelihood.iter().map(|value| (-value).exp()).collect();
        let mut bytes = Vec::new();
        WrittenStructure::of_design(state, &self.plan.designed, (&design.sequence, &confidence))?
            .write(&mut bytes, format)?;
        Ok(bytes)
    }
}

/// No design of the structure has more atoms, nor any of its packings where they are packed.
fn most_atoms(structure: &Structure, plan: &DesignPlan, packed: bool) -> usize {
    let of_residue = |(residue, &designed): (&Residue, &bool)| match (packed, designed) {
        (true, _) => residue.atoms.len().max(MAX_ATOMS),
        (false, true) => 4,
        (false, false) => residue.atoms.len(),
    };
    structure.residues.iter().zip(&plan.designed).map(of_residue).sum::<usize>() + structure.ligand_atoms.len()
}
