//! The structure that a run is designing, and the samples that are drawn for it.

use fastmpnn::Packer;
use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::model::Encoding;
use fastmpnn::spec::TiedGroup;

use super::draws::DRAWN;
use super::model_type::Network;
use super::parsed::ParsedStructure;
use super::residue_options::{ResidueOptions, ResiduePlan};
use super::settings::LigandSettings;

/// A run of the script.
pub(super) struct Run<'a> {
    pub(super) settings: &'a LigandSettings,
    pub(super) network: &'a Network,
    pub(super) options: &'a ResidueOptions,
    /// The packer; `None` if side chains are not packed.
    pub(super) packer: Option<&'a Packer>,
}

impl Run<'_> {
    /// The number of design `place`, which counts from 0, in names and headers.
    pub(super) fn number(&self, place: usize) -> usize {
        place + usize::from(self.settings.values.given("--zero_indexed").is_none())
    }
}

/// The structure being designed; arrays by residue, N of them.
pub(super) struct Target<'a> {
    pub(super) path: &'a str,
    pub(super) parsed: ParsedStructure,
    pub(super) native: Sequence,
    pub(super) encoding: Encoding,
    /// Whether a residue has a backbone and is designed (`mask · chain_mask`).
    pub(super) designed: Vec<bool>,
    /// The designed residues that count for the confidence near ligands.
    pub(super) near_ligand: Vec<bool>,
    pub(super) plan: ResiduePlan,
}

impl Target<'_> {
    /// The fraction of the designed residues that have their native letter.
    pub(super) fn recovery(&self, sequence: &[Letter]) -> f32 {
        let designed = || (0..sequence.len()).filter(|&residue| self.designed[residue]);
        let same = designed().filter(|&residue| sequence[residue] == self.native[residue]).count();
        same as f32 / designed().count() as f32
    }

    pub(super) fn ties(&self) -> &[TiedGroup] {
        self.plan.ties.as_deref().unwrap_or_default()
    }
}

/// A sequence with its probabilities and its decoding order.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) sequence: Sequence,
    /// ln p at T = 1, zeros for residues that are not designed. `[N, V]`
    pub(super) log_probabilities: Vec<[f32; VOCABULARY]>,
    /// The probabilities that the letters were drawn from, zeros for residues that are not designed; only if they are
    /// to be saved. `[N, 20]`
    pub(super) probabilities: Vec<[f32; DRAWN]>,
    /// Residues, the first decoded first. `[N]`
    pub(super) order: Vec<u32>,
}

impl Sample {
    /// −ln p of each letter, nats; zeros for residues that are not designed. `[N]`
    pub(super) fn losses(&self) -> Vec<f32> {
        self.log_probabilities.iter().zip(&self.sequence).map(|(row, letter)| -row[letter.index()]).collect()
    }
}
