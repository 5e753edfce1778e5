//! The formats of the structures that `design` writes, and the structures of `structures`.

use fastmpnn::chemistry::MAX_ATOMS;
use fastmpnn::decode::Design;
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::{Residue, Structure};
use fastmpnn::write::{StructureFormat, WrittenStructure, choose_format};

use crate::error::PipelineError;
use crate::request::DesignRequest;

/// A protein's states, each in the format it is written in.
#[derive(Debug)]
pub(crate) struct StateStructures<'a> {
    plan: &'a DesignPlan,
    states: &'a [Structure],
    formats: &'a [StructureFormat],
}

/// A state and the format it is written in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormattedState<'a> {
    pub(crate) structure: &'a Structure,
    pub(crate) format: StructureFormat,
}

impl<'a> StateStructures<'a> {
    /// The states of a plan, in their formats.
    pub(crate) fn new(
        plan: &'a DesignPlan,
        states: &'a [Structure],
        formats: &'a [StructureFormat],
    ) -> StateStructures<'a> {
        StateStructures { plan, states, formats }
    }

    /// Decides the formats; `warn` gets each state that is not written as plain PDB, and why.
    pub(crate) fn formats(
        request: &DesignRequest,
        plan: &DesignPlan,
        states: &[Structure],
        warn: &mut dyn FnMut(&str, String),
    ) -> Vec<StructureFormat> {
        let written = request.structures || request.pack;
        let mut format = |state: &Structure| match written {
            true => {
                let atoms = most_atoms(state, plan, request.pack);
                chosen_format(request.folder.structure_format, state, atoms, &state.name, warn)
            }
            false => StructureFormat::Pdb,
        };
        states.iter().map(&mut format).collect()
    }

    /// Each state with its format.
    pub(crate) fn iter(&self) -> impl Iterator<Item = FormattedState<'a>> {
        let pairs = self.states.iter().zip(self.formats);
        pairs.map(|(structure, &format)| FormattedState { structure, format })
    }

    /// A design on one of the states, as the bytes of its file. The state has its own atoms: a residue that it lacks is not
    /// taken from another.
    pub(crate) fn file_of(&self, design: &Design, state: FormattedState<'_>) -> Result<Vec<u8>, PipelineError> {
        let confidence: Vec<f32> = design.negative_log_likelihood.iter().map(|value| (-value).exp()).collect();
        let mut bytes = Vec::new();
        // What fails here does not fit the format: the input's fault, not the disk's.
        WrittenStructure::of_design(state.structure, &self.plan.designed, &design.sequence, &confidence)
            .and_then(|written| written.write(&mut bytes, state.format))
            .map_err(PipelineError::Unwritable)?;
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

/// The format of a structure of at most `atoms` atoms; `warn` gets the reason where it is not plain PDB.
pub(crate) fn chosen_format(
    asked: Option<StructureFormat>,
    structure: &Structure,
    atoms: usize,
    file: &str,
    warn: &mut dyn FnMut(&str, String),
) -> StructureFormat {
    let (format, why) = choose_format(asked, structure, atoms);
    if let Some(why) = why {
        warn(file, why.to_string());
    }
    format
}
