//! Settings that depend on the network: refuses those that it does not take, and requires the labels that it needs.

use fastmpnn::Engine;
use fastmpnn::weights::Family;

use crate::error::{PipelineError, refusal};
use crate::input::{ResolvedDesign, SpecSettings};
use crate::message::Field;

/// What is asked of a network.
pub(super) struct NetworkOptions<'a> {
    resolved: &'a ResolvedDesign,
}

impl<'a> NetworkOptions<'a> {
    pub(super) fn of(resolved: &'a ResolvedDesign) -> NetworkOptions<'a> {
        NetworkOptions { resolved }
    }

    /// Refuses what the network does not take, before there is any work; of a manifest, in any of its rows.
    pub(super) fn check(&self, engine: &Engine) -> Result<(), PipelineError> {
        let ResolvedDesign { run, settings, .. } = self.resolved;
        run.check_each(settings, |settings| NetworkOptions::check_settings(settings, engine))
    }

    fn check_settings(settings: &SpecSettings, engine: &Engine) -> Result<(), PipelineError> {
        let SpecSettings { context, ligand_cutoff, membrane, pack, .. } = settings;
        let name = engine.checkpoint_name();
        let model = Field("model");
        if engine.model().config().context_atoms.is_none() {
            let useless = [
                (context.no_ligand && !pack, "no_ligand"),
                (context.side_chain_context, "side_chain_context"),
                (ligand_cutoff.is_some(), "ligand_cutoff"),
            ];
            if let Some((_, field)) = useless.into_iter().find(|(given, _)| *given) {
                let field = Field(field);
                return Err(refusal(format!(
                    "{field} has no effect with {name}, which sees no ligands; {model} ligand does"
                )));
            }
        }
        let whole = membrane.membrane_global.is_some();
        let by_residue = membrane.membrane_labels.is_some()
            || !membrane.membrane_buried.is_empty()
            || !membrane.membrane_interface.is_empty();
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
