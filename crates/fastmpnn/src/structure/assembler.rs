//! Builds a [`Structure`] from the records of a model: the asymmetric unit as in the file, or a biological assembly.

use std::collections::{BTreeSet, HashMap};

use super::assemble::assemble;
use super::assembly::{Builder, MODELS, assembly_of_name, operators};
use super::assembly_records::Generator;
use super::atom_record::{AtomRecord, ParsedModel};
use super::ligand_choice::take_ligands;
use super::names::{leave_out_absent, use_canonical_names};
use super::numbering::part_bonded_twins;
use super::pose_labels::PoseLabels;
use super::read_options::ReadOptions;
use super::repeated_chains::RepeatedChains;
use super::{Structure, Warning};
use crate::chemistry::is_water;
use crate::error::StructureError;

/// How an assembly is built.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum AssemblyPlan {
    /// From the models of the file, each of which is a copy.
    Models,
    /// By copying the file's chains.
    Copies(Vec<Generator>),
}

impl AssemblyPlan {
    /// The construction of the requested assembly; `generators` looks it up in the file.
    pub(super) fn new(
        file: &str,
        file_name: &str,
        asked: &str,
        generators: impl Fn(&str) -> Result<Vec<Generator>, StructureError>,
    ) -> Result<AssemblyPlan, StructureError> {
        match assembly_of_name(file_name) {
            _ if asked == MODELS => Ok(AssemblyPlan::Models),
            Some(number) if number == asked => Ok(AssemblyPlan::Models),
            Some(number) => Err(StructureError::NoAssembly {
                file: file.to_owned(),
                reason: format!("by its name it holds assembly {number}, not {asked}"),
            }),
            None => generators(asked).map(AssemblyPlan::Copies),
        }
    }
}

/// Builds structures from parsed models.
pub(super) struct Assembler<'a> {
    /// The file's name in messages.
    pub(super) file: &'a str,
    pub(super) labels: PoseLabels,
    /// The name given to the structures.
    pub(super) name: String,
    pub(super) options: &'a ReadOptions,
}

impl Assembler<'_> {
    /// The structure as in the file, without assembly.
    pub(super) fn structure(&self, mut parsed: ParsedModel<'_>) -> Result<Structure, StructureError> {
        if self.options.leave_out_unoccupied {
            parsed.leave_out_unoccupied();
            if parsed.records.is_empty() {
                let reason = "all of them have occupancy 0, and such atoms are left out".to_owned();
                return Err(StructureError::NoAtoms { file: self.file.to_owned(), reason });
            }
        }
        let labels = parsed.labels();
        // Chains get unique ids first, because messages name residues by them.
        let repeated = RepeatedChains::of(&parsed);
        let mut parsed = repeated.apply(parsed);
        leave_out_absent(&mut parsed);
        if parsed.records.is_empty() {
            let reason = "none of them has coordinates".to_owned();
            return Err(StructureError::NoAtoms { file: self.file.to_owned(), reason });
        }
        use_canonical_names(&mut parsed);
        part_bonded_twins(&mut parsed);
        let mut structure = assemble(self.name.clone(), parsed, self.options);
        structure.labels = labels;
        structure.fixed_labels = self.labels.fixed(&structure);
        let missing = |reason| StructureError::MissingLigand { file: self.file.to_owned(), reason };
        take_ligands(&mut structure, &self.options.ligands).map_err(missing)?;
        Ok(structure)
    }

    /// The assembly of a parsed model. In mmCIF files the generators name chains by label id.
    pub(super) fn with_copies(
        &self,
        parsed: ParsedModel<'_>,
        generators: &[Generator],
        by_label: bool,
    ) -> Result<Structure, StructureError> {
        fn chain_of<'r>(record: &AtomRecord<'r>, by_label: bool) -> &'r str {
            record.label_chain.filter(|_| by_label).unwrap_or(record.chain)
        }
        let copies = operators(generators);
        let mut originals: HashMap<&[&str], Structure> = HashMap::new();
        let mut builder = Builder::new(parsed.records.iter().map(|record| record.chain.to_owned()));
        for (operator, chains) in &copies {
            if !originals.contains_key(chains.as_slice()) {
                let mut part = parsed.clone();
                part.records.retain(|record| chains.contains(&chain_of(record, by_label)));
                originals.insert(chains, self.structure(part)?);
            }
            builder.add(&originals[chains.as_slice()], Some(operator));
        }
        let used: BTreeSet<&str> = copies.iter().flat_map(|(_, chains)| chains.iter().copied()).collect();
        let left: BTreeSet<&str> = parsed
            .records
            .iter()
            .filter(|record| !is_water(record.residue_name) && !used.contains(chain_of(record, by_label)))
            .map(|record| record.chain)
            .collect();
        let mut structure =
            builder.finish().filter(|whole| !whole.residues.is_empty() || !whole.ligand_atoms.is_empty());
        let Some(structure) = &mut structure else {
            let reason = "the assembly names none of its chains".to_owned();
            return Err(StructureError::NoAssembly { file: self.file.to_owned(), reason });
        };
        if !left.is_empty() {
            let chains: Vec<&str> = left.into_iter().collect();
            let message = format!("the assembly leaves out atoms of chain {}", chains.join(", "));
            structure.warnings.push(Warning { line: None, residue: None, message });
        }
        Ok(std::mem::take(structure))
    }
}
