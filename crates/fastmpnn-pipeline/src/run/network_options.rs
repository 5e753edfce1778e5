//! Settings that depend on the network: refuses those that it does not take, and requires the labels that it needs.

use fastmpnn::Engine;
use fastmpnn::spec::DesignSpec;
use fastmpnn::weights::Family;

use crate::error::{PipelineError, refusal};
use crate::input::ResolvedDesign;
use crate::message::Field;

/// What is asked of a network.
pub(super) struct NetworkOptions<'a> {
    spec: &'a DesignSpec,
    has_label_file: bool,
    ligand_cutoff: Option<f32>,
    /// Whether side chains are packed: the packer sees ligands whatever the network does.
    packing: bool,
}

impl<'a> NetworkOptions<'a> {
    pub(super) fn of(resolved: &'a ResolvedDesign) -> NetworkOptions<'a> {
        let ResolvedDesign { spec, labels, .. } = resolved;
        NetworkOptions { spec, has_label_file: labels.is_some(), ligand_cutoff: None, packing: false }
    }

    /// With what `design` may ask for.
    pub(super) fn of_design(self, ligand_cutoff: Option<f32>, packing: bool) -> NetworkOptions<'a> {
        NetworkOptions { ligand_cutoff, packing, ..self }
    }

    /// Refuses what the network does not take, before there is any work.
    pub(super) fn check(&self, engine: &Engine) -> Result<(), PipelineError> {
        let name = engine.checkpoint_name();
        let model = Field("model");
        if engine.model().config().context_atoms.is_none() {
            let useless = [
                (self.spec.no_ligand && !self.packing, "no_ligand"),
                (self.spec.side_chain_context, "side_chain_context"),
                (self.ligand_cutoff.is_some(), "ligand_cutoff"),
            ];
            if let Some((_, field)) = useless.into_iter().find(|(given, _)| *given) {
                let field = Field(field);
                return Err(refusal(format!(
                    "{field} has no effect with {name}, which sees no ligands; {model} ligand does"
                )));
            }
        }
        let whole = self.spec.membrane_global.is_some();
        let by_residue =
            self.has_label_file || !self.spec.membrane_buried.is_empty() || !self.spec.membrane_interface.is_empty();
        if engine.model().config().family != Family::Membrane {
            if whole || by_residue {
                return Err(refusal(format!(
                    "{name} takes no membrane labels; {model} membrane-global and {model} membrane-residue do"
                )));
            }
            return Ok(());
        }
        // A network of the user's own may be of either kind.
        let (of_whole, of_residues) = (name.starts_with("global_label"), name.starts_with("per_residue_label"));
        let global = Field("membrane_global");
        if by_residue && of_whole {
            return Err(refusal(format!(
                "{name} takes one label of the whole protein: {global} soluble or transmembrane"
            )));
        }
        let (labels, buried, interface) =
            (Field("membrane_labels"), Field("membrane_buried"), Field("membrane_interface"));
        let give_global = format!("give {global} soluble or transmembrane");
        let give_residues =
            format!("give {labels} FILE, which `fastmpnn membrane --out FILE` writes, or {buried} and {interface}");
        if whole && of_residues {
            return Err(refusal(format!(
                "{name} takes labels of residues, and {global} labels the whole protein: {give_residues}"
            )));
        }
        if !whole && !by_residue {
            let wanted = match (of_whole, of_residues) {
                (true, _) => give_global,
                (_, true) => give_residues,
                _ => format!("{give_global}, or for labels of residues {give_residues}"),
            };
            return Err(refusal(format!("{name} needs membrane labels, and there are none: {wanted}")));
        }
        Ok(())
    }
}
