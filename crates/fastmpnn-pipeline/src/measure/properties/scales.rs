//! Numbers for single amino acids that are summed over a sequence.

/// Absorption at 280 nm of a tryptophan, a tyrosine and a cystine in a folded protein, M⁻¹ cm⁻¹: Pace et al., Protein Science
/// 4 (1995) 2411.
const TRYPTOPHAN: u64 = 5500;
const TYROSINE: u64 = 1490;
const CYSTINE: u64 = 125;

/// The molar absorption coefficient at 280 nm without cystines, M⁻¹ cm⁻¹.
pub(super) fn absorption_reduced(tryptophans: usize, tyrosines: usize) -> u64 {
    TRYPTOPHAN * tryptophans as u64 + TYROSINE * tyrosines as u64
}

/// What disulfide bonds add to it, M⁻¹ cm⁻¹.
pub(super) fn absorption_of_cystines(cystines: usize) -> u64 {
    CYSTINE * cystines as u64
}

/// The hydropathy of an amino acid, from −4.5 to 4.5: Kyte and Doolittle, Journal of Molecular Biology 157 (1982) 105,
/// table 2. `None` for other letters.
fn hydropathy(letter: char) -> Option<f64> {
    Some(match letter {
        'I' => 4.5,
        'V' => 4.2,
        'L' => 3.8,
        'F' => 2.8,
        'C' => 2.5,
        'M' => 1.9,
        'A' => 1.8,
        'G' => -0.4,
        'T' => -0.7,
        'S' => -0.8,
        'W' => -0.9,
        'Y' => -1.3,
        'P' => -1.6,
        'H' => -3.2,
        'E' | 'Q' | 'D' | 'N' => -3.5,
        'K' => -3.9,
        'R' => -4.5,
        _ => return None,
    })
}

/// The mean hydropathy of the residues that have one; `None` if none has.
pub(super) fn mean_hydropathy(polymers: &[&str]) -> Option<f64> {
    let known: Vec<f64> = polymers.iter().flat_map(|polymer| polymer.chars()).filter_map(hydropathy).collect();
    crate::measure::mean(&known)
}
