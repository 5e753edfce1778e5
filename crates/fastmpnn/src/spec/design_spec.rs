//! The specification of a design, before it is resolved against a structure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::expression::file_names;
use super::{ByResidue, MembraneLabel, OrderKind};

/// The specification of a design, before it is resolved against a structure: strings in the selection grammar, as on
/// the command line. The default designs everything. The [module](super) explains how the settings combine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DesignSpec {
    /// The whole chains to design (`A,B`); the others are fixed, but the network sees them. All when `None`.
    pub chains: Option<String>,
    /// Selections that keep their native letters.
    pub fix: Vec<String>,
    /// Whether residues that Rosetta's remarks label FIXED keep their native letters, too.
    pub pdb_labels: bool,
    /// Only these selections are designed; overrides `fix`. Everything when empty.
    pub redesign: Vec<String>,
    /// Ties: `A1-20=B1-20`, with weights `A1-20*1.0=B1-20*-0.5`.
    pub tie: Vec<String>,
    /// Whether corresponding residues of chains with the same sequence are tied.
    pub homo_oligomer: bool,
    /// Letters never drawn anywhere (`CM`). X never is.
    pub omit: String,
    /// Letters never drawn at some residues: `A1-5:CM`.
    pub omit_at: Vec<String>,
    /// Biases in nats, added to the logits before the division by the temperature: `A=-1.0,W=0.5`.
    pub bias: Vec<String>,
    /// Biases at some residues, in addition to `bias`: `A1-5:W=2.0,F=1.0`.
    pub bias_at: Vec<String>,
    /// Net charges: `-5..0`, of chain A `A:-5..0`. K and R count +1, D and E −1; fixed letters count as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charge: Vec<String>,
    /// Numbers of letters: `C=0,W>=1`, together `KR=5..12`, in chain A `A:W>=1`. Fixed letters count as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub count: Vec<String>,
    /// Regular expressions of letters that occur in no chain in which something is designed: `N[^P][ST]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_motif: Vec<String>,
    /// The decoding order.
    pub order: OrderKind,
    /// Whether the atoms of ligands are hidden from networks that see them.
    pub no_ligand: bool,
    /// Whether such networks see the side chains of residues that are not designed as well.
    pub side_chain_context: bool,
    /// The label of the whole protein, for the membrane network of global labels.
    pub membrane_global: Option<MembraneLabel>,
    /// Residues that are buried in the membrane, for the membrane network of labels by residue.
    pub membrane_buried: Vec<String>,
    /// Residues in the membrane–water interface, for the membrane network of labels by residue.
    pub membrane_interface: Vec<String>,
    /// The chains whose last residue is bonded to their first (`A,B`); see [`Environment::cyclic`](super::Environment::cyclic).
    pub cyclic: Option<String>,
    /// The files that selections call by `@` and their name, and what they hold: a selection a line, `#` before comments.
    /// Nothing else is read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// With the structure and the number of the sample, it determines every random number.
    #[serde(skip_serializing_if = "is_default_seed")]
    pub seed: u64,
    /// The temperature, instead of that of the sample, of residues without their own in `by_residue`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// Settings by residue as values: sets of residues, and tables.
    #[serde(skip)]
    pub by_residue: ByResidue,
    /// The names of the settings in messages.
    #[serde(skip)]
    pub words: SpecWords,
}

fn is_default_seed(seed: &u64) -> bool {
    *seed == DesignSpec::default().seed
}

/// The words of messages: side chains are packed where letters are designed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecWords {
    /// The option of [`DesignSpec::fix`].
    pub fix: &'static str,
    /// The option of [`DesignSpec::redesign`].
    pub redesign: &'static str,
    /// What happens to the residues that are chosen.
    pub designed: &'static str,
}

impl SpecWords {
    /// Residues are designed.
    pub const DESIGN: SpecWords = SpecWords { fix: "fix", redesign: "redesign", designed: "designed" };
    /// Side chains are packed.
    pub const PACKING: SpecWords = SpecWords { fix: "fix", redesign: "repack", designed: "packed" };
}

impl Default for SpecWords {
    fn default() -> SpecWords {
        SpecWords::DESIGN
    }
}

impl DesignSpec {
    /// The names of the files that selections include with `@`, for [`DesignSpec::files`]. Names may contain spaces and
    /// commas, so each is given in all ways in which it can be cut out of its text, the longest first.
    pub fn files_called(&self) -> Vec<Vec<&str>> {
        let whole = [&self.fix, &self.redesign, &self.tie, &self.membrane_buried, &self.membrane_interface];
        let whole = whole.into_iter().flatten().chain(&self.chains).map(String::as_str);
        let goals = self.charge.iter().chain(&self.count).filter(|text| text.contains(':'));
        let at = self.omit_at.iter().chain(&self.bias_at).chain(goals);
        let selections = at.map(|text| text.rsplit_once(':').map_or(text.as_str(), |(selection, _)| selection));
        whole.chain(selections).flat_map(file_names).filter(|names| !names.is_empty()).collect()
    }
}
