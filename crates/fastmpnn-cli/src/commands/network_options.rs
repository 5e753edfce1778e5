//! Options that depend on the network: those it does not take are refused, and labels it needs are asked for.

use std::borrow::Cow;

use anyhow::{Result, bail};
use fastmpnn::Engine;
use fastmpnn::error::SpecError;
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::Structure;
use fastmpnn::weights::Family;

use crate::args::membrane::LabelFile;

/// What is asked of a network.
pub(super) struct NetworkOptions<'a> {
    pub(super) spec: &'a DesignSpec,
    pub(super) labels: Option<&'a LabelFile>,
    /// --ligand-cutoff
    pub(super) ligand_cutoff: Option<f32>,
    /// Whether side chains are packed: the packer sees ligands whatever the network does.
    pub(super) packing: bool,
}

impl NetworkOptions<'_> {
    /// Refuses what the network does not take, before there is any work.
    pub(super) fn check(&self, engine: &Engine) -> Result<()> {
        let name = engine.checkpoint_name();
        if engine.model().config().context_atoms.is_none() {
            let useless = [
                (self.spec.no_ligand && !self.packing, "--no-ligand"),
                (self.spec.side_chain_context, "--side-chain-context"),
                (self.ligand_cutoff.is_some(), "--ligand-cutoff"),
            ];
            if let Some((_, option)) = useless.into_iter().find(|(given, _)| *given) {
                bail!("{option} has no effect with {name}, which sees no ligands; --model ligand does");
            }
        }
        let whole = self.spec.membrane_global.is_some();
        let by_residue =
            self.labels.is_some() || !self.spec.membrane_buried.is_empty() || !self.spec.membrane_interface.is_empty();
        if engine.model().config().family != Family::Membrane {
            if whole || by_residue {
                bail!("{name} takes no membrane labels; --model membrane-global and --model membrane-residue do");
            }
            return Ok(());
        }
        // A network of the user's own may be of either kind.
        let (of_whole, of_residues) = (name.starts_with("global_label"), name.starts_with("per_residue_label"));
        if by_residue && of_whole {
            bail!("{name} takes one label of the whole protein: --membrane-global soluble or transmembrane");
        }
        if whole && of_residues {
            bail!("{name} takes labels of residues, and --membrane-global labels the whole protein: {BY_RESIDUE}");
        }
        if !whole && !by_residue {
            let wanted = match (of_whole, of_residues) {
                (true, _) => GLOBAL.to_owned(),
                (_, true) => BY_RESIDUE.to_owned(),
                _ => format!("{GLOBAL}, or for labels of residues {BY_RESIDUE}"),
            };
            bail!("{name} needs membrane labels, and there are none: {wanted}");
        }
        Ok(())
    }
}

const GLOBAL: &str = "give --membrane-global soluble or transmembrane";
const BY_RESIDUE: &str = "give --membrane-labels FILE, which `fastmpnn membrane --out FILE` writes, or --membrane-buried and \
                          --membrane-interface";

/// The specification of one structure: with its labels, where a file has them.
pub(super) fn spec_of<'a>(
    spec: &'a DesignSpec,
    labels: Option<&LabelFile>,
    structure: &Structure,
) -> Result<Cow<'a, DesignSpec>, SpecError> {
    match labels {
        None => Ok(Cow::Borrowed(spec)),
        Some(file) => file.labels.applied_to(spec, structure).map(Cow::Owned),
    }
}
