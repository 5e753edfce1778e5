//! Residue labels written by Rosetta: `REMARK PDBinfo-LABEL:    3 FIXED`. Design programs such as dl_binder_design keep
//! residues labeled FIXED; other labels are ignored. Residues have pose numbers: from 1 through all protein residues of
//! the file, in order.

use super::{FixedLabel, ResidueId, Structure};

const REMARK: &[u8] = b"REMARK PDBinfo-LABEL:";

/// The FIXED labels of a PDB file, read once for all of its models: line and pose number.
pub(super) struct PoseLabels(Vec<(usize, String)>);

impl PoseLabels {
    /// Where nothing can be labeled.
    pub(super) fn none() -> PoseLabels {
        PoseLabels(Vec::new())
    }

    pub(super) fn of(bytes: &[u8]) -> PoseLabels {
        let lines = bytes.split(|&byte| byte == b'\n').enumerate();
        let labels = lines.filter_map(|(index, line)| {
            let text = String::from_utf8_lossy(line.strip_prefix(REMARK)?).into_owned();
            let mut words = text.split_ascii_whitespace();
            let number = words.next().unwrap_or_default().to_owned();
            words.any(|word| word == "FIXED").then_some((index + 1, number))
        });
        PoseLabels(labels.collect())
    }

    /// The labeled residues of a structure, before residues are turned into ligands.
    pub(super) fn fixed(&self, structure: &Structure) -> Vec<FixedLabel> {
        let label = |(line, number): &(usize, String)| FixedLabel { line: *line, residue: residue(number, structure) };
        self.0.iter().map(label).collect()
    }
}

fn residue(number: &str, structure: &Structure) -> Result<ResidueId, String> {
    let count = structure.residues.len();
    let place: Option<usize> = number.parse().ok();
    let residue = place.and_then(|place| structure.residues.get(place.checked_sub(1)?));
    residue.map(|residue| residue.id.clone()).ok_or_else(|| {
        let number: String = number.chars().take(20).flat_map(char::escape_debug).collect();
        format!("`{number}` is not a residue of {}, whose protein residues count from 1 to {count}", structure.name)
    })
}
