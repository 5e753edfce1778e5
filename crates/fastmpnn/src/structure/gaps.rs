//! Gaps and breaks along a chain: where residue numbers are skipped, where the chain is broken, and the sequence
//! positions that the residues get.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::polymer::{ALPHA_NEIGHBORS, PEPTIDE_BOND, distance};
use super::warnings::ResidueWarnings;
use super::{Point, Residue, Warning};

/// How residue numbers that are skipped along an unbroken chain are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gaps {
    /// As missing residues, like the published code.
    #[default]
    Break,
    /// Not at all where a peptide bond joins the residues on both sides; gaps in the chain itself still count.
    Ignore,
}

impl FromStr for Gaps {
    type Err = String;

    fn from_str(text: &str) -> Result<Gaps, String> {
        match text {
            "break" => Ok(Gaps::Break),
            "ignore" => Ok(Gaps::Ignore),
            _ => Err("gaps in the numbering are break or ignore".to_owned()),
        }
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Gaps::Break => "break",
            Gaps::Ignore => "ignore",
        })
    }
}

/// The chain is broken between consecutively numbered residues whose C and N are farther apart than this, Å. Between
/// [`PEPTIDE_BOND`] and this distance the geometry is bad, but the bond is real: nonbonded C and N rarely come closer.
/// None of 15,000 such pairs in the entries that the readers are tested on exceeds 1.5 Å.
const BROKEN: f32 = 3.0;

/// The same for CA atoms, where C or N is missing, Å; at most 4.1 Å in those entries.
const BROKEN_ALPHA: f32 = 5.0;

/// No amino acid has more heavy atoms than this.
const HEAVY_ATOMS: usize = 120;

/// The number of breaks listed in a warning.
const LISTED: usize = 10;

/// The distance between two consecutive residues.
enum Joint {
    /// From C to N, Å.
    CarbonToNitrogen(f32),
    /// From CA to CA where C or N is missing, Å.
    Alphas(f32),
    Unknown,
}

fn joint(before: &Residue, after: &Residue) -> Joint {
    let apart = |a: &str, b: &str| Some(distance(before.atom(a)?.position, after.atom(b)?.position));
    match apart("C", "N") {
        Some(apart) => Joint::CarbonToNitrogen(apart),
        None => apart("CA", "CA").map_or(Joint::Unknown, Joint::Alphas),
    }
}

/// Whether a peptide bond joins two residues; the distance of their CA atoms tells it where C or N is missing.
pub(super) fn are_joined(before: &Residue, after: &Residue) -> bool {
    match joint(before, after) {
        Joint::CarbonToNitrogen(apart) => apart < PEPTIDE_BOND,
        Joint::Alphas(apart) => apart < ALPHA_NEIGHBORS,
        Joint::Unknown => false,
    }
}

/// Whether any heavy atoms of two residues are bonded, as in depsipeptides and where a side chain takes part in the chain.
fn are_joined_elsewhere(before: &Residue, after: &Residue) -> bool {
    let heavy = |residue: &'_ Residue| -> Vec<Point> {
        let atoms = residue.atoms.iter().filter(|atom| atom.element != "H");
        atoms.map(|atom| atom.position).take(HEAVY_ATOMS).collect()
    };
    let after = heavy(after);
    heavy(before).iter().any(|&a| after.iter().any(|&b| distance(a, b) < PEPTIDE_BOND))
}

/// Sets the sequence positions of the residues of one chain.
pub(super) fn place(residues: &mut [Residue], gaps: Gaps) {
    for index in 1..residues.len() {
        let (before, after) = (&residues[index - 1], &residues[index]);
        let step = i64::from(after.id.number) - i64::from(before.id.number);
        let skips = step > 1 && !(gaps == Gaps::Ignore && are_joined(before, after));
        let step = if skips { i32::try_from(step).unwrap_or(i32::MAX) } else { 1 };
        residues[index].sequence_position = before.sequence_position.saturating_add(step);
    }
}

/// The residues of a chain, the line of each, and what counts as a gap.
#[derive(Clone, Copy)]
pub(super) struct Numbering<'s> {
    pub(super) residues: &'s [Residue],
    /// The index of the chain's first residue in the structure.
    pub(super) begin: usize,
    pub(super) lines: &'s [usize],
    pub(super) gaps: Gaps,
}

impl Numbering<'_> {
    /// Reports where the numbering skips or decreases: one warning for each gap in the chain, and one per chain for
    /// numbering schemes that skip numbers along an unbroken chain, such as those of antibodies.
    pub(super) fn report(self, residue_warnings: &mut ResidueWarnings, warnings: &mut Vec<Warning>) {
        for index in 1..self.residues.len() {
            let line = self.lines[index];
            let (before, after) = (&self.residues[index - 1], &self.residues[index]);
            let (first, last) = (i64::from(before.id.number) + 1, i64::from(after.id.number) - 1);
            let mut warn = |message: String| {
                warnings.push(Warning { line: Some(line), residue: Some(after.id.clone()), message });
            };
            match last - first + 1 {
                0 | -1 => {}
                ..-1 => {
                    let message =
                        "its number is lower than that of the residue before it: it counts as the next residue";
                    residue_warnings.add(message.to_owned(), self.begin + index, line);
                }
                1.. if are_joined(before, after) => {
                    let counts = match self.gaps {
                        Gaps::Break => "it counts as a gap",
                        Gaps::Ignore => "it does not count as a gap",
                    };
                    let message = format!("the numbering skips before it though the chain is unbroken: {counts}");
                    residue_warnings.add(message, self.begin + index, line);
                }
                1 => warn(format!("the numbering skips {first} before it: 1 residue is missing")),
                count => warn(format!("the numbering skips {first}–{last} before it: {count} residues are missing")),
            }
        }
    }
}

/// One warning per structure about chains that are broken where no number is skipped, because the networks cannot see
/// such a break in the numbering.
pub(super) fn report_breaks(
    residues: &[Residue],
    chains: impl Iterator<Item = Range<usize>>,
    lines: &[usize],
) -> Option<Warning> {
    let mut breaks: Vec<(usize, String)> = Vec::new();
    for index in chains.flat_map(|chain| chain.start + 1..chain.end) {
        let (before, after) = (&residues[index - 1], &residues[index]);
        let (apart, atoms) = match joint(before, after) {
            Joint::CarbonToNitrogen(apart) if apart > BROKEN => (apart, "C to N"),
            Joint::Alphas(apart) if apart > BROKEN_ALPHA => (apart, "CA to CA"),
            _ => continue,
        };
        let step = i64::from(after.id.number) - i64::from(before.id.number);
        if (0..=1).contains(&step) && !are_joined_elsewhere(before, after) {
            breaks.push((index, format!("{} and {} are {apart:.1} Å apart ({atoms})", before.id, after.id)));
        }
    }
    let (first, _) = breaks.first()?;
    let line = lines.get(*first).copied();
    let mut sentences: Vec<String> = breaks.iter().take(LISTED).map(|(_, sentence)| sentence.clone()).collect();
    if let Some(more @ 1..) = breaks.len().checked_sub(LISTED) {
        sentences.push(format!("{more} more"));
    }
    let message = format!(
        "the chain is broken though its numbering is not: {}; the networks take them for neighbors",
        sentences.join(", ")
    );
    Some(Warning { line, residue: None, message })
}
