//! Measures of the chains of a protein and of where they meet.

use fastmpnn::chemistry::Letter;
use fastmpnn::score::mean_where;
use fastmpnn::structure::{Point, Structure};

use super::ScoreMask;

/// A residue is in an interface if its virtual CB is nearer than this to that of a residue of another chain, Å: the usual
/// definition of a contact (Ezkurdia et al., Proteins 77, 2009, 196).
pub const INTERFACE_CUTOFF: f32 = 8.0;

/// Two cysteines can form a disulfide bond if their virtual CBs are nearer than this, Å. In crystal structures they are 3.4 to
/// 4.5 apart (Dombkowski, Bioinformatics 19, 2003, 1852); half an Å is for ideal CBs on a designed backbone.
pub const DISULFIDE_CUTOFF: f32 = 5.0;

/// A chain's score.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainScore {
    /// The chain's id.
    pub chain: String,
    /// Mean −ln p over its designed residues, nats; `None` without any.
    pub score: Option<f64>,
}

/// Measures of a sequence's chains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComplexMeasures {
    /// The score of each chain, chains of one id together.
    pub chains: Vec<ChainScore>,
    /// Mean −ln p over the designed residues in interfaces, nats; `None` without any.
    pub interface_score: Option<f64>,
    /// The number of designed residues in interfaces.
    pub interface_residues: usize,
    /// The number of designed residues.
    pub designed_residues: usize,
    /// The number of cysteines that cannot form a disulfide bond on this backbone: nearest pairs are bonded first.
    pub free_cysteines: usize,
}

/// The chains of a structure and where they meet.
#[derive(Clone, Debug)]
pub struct ComplexGeometry {
    /// Å; `None` where atoms are missing. `[N]`
    betas: Vec<Option<Point>>,
    /// Whether each residue is in an interface. `[N]`
    interface: Vec<bool>,
    /// The ids of the chains, each once.
    ids: Vec<String>,
    /// The index of each residue's chain into `ids`. `[N]`
    chain: Vec<usize>,
}

impl ComplexGeometry {
    /// The geometry of a structure's backbone.
    pub fn of(structure: &Structure) -> ComplexGeometry {
        let mut ids: Vec<String> = Vec::new();
        let mut chain = vec![0; structure.residues.len()];
        for of_file in &structure.chains {
            let known = ids.iter().position(|id| **id == *of_file.id);
            let index = known.unwrap_or_else(|| {
                ids.push(of_file.id.to_string());
                ids.len() - 1
            });
            chain[of_file.residues.clone()].fill(index);
        }
        let betas: Vec<Option<Point>> = structure.residues.iter().map(|residue| residue.virtual_beta()).collect();
        let mut interface = vec![false; betas.len()];
        if structure.chains.len() > 1 {
            let of_chain = |index: usize| structure.residues[index].chain;
            for one in 0..betas.len() {
                for other in 0..one {
                    if of_chain(one) != of_chain(other) && is_near(betas[one], betas[other], INTERFACE_CUTOFF) {
                        interface[one] = true;
                        interface[other] = true;
                    }
                }
            }
        }
        ComplexGeometry { betas, interface, ids, chain }
    }

    /// The ids of the chains, each once.
    pub fn chain_ids(&self) -> &[String] {
        &self.ids
    }

    /// The measures of a sequence and its −ln p, nats. `[N]` each
    pub fn measure(&self, mask: &ScoreMask, sequence: &[Letter], negative_log_likelihood: &[f32]) -> ComplexMeasures {
        let counted = |index: usize| mask.designed[index] && mask.resolved[index];
        let of_chain = |(chain, id): (usize, &String)| ChainScore {
            chain: id.clone(),
            score: mean_where(negative_log_likelihood, |index| counted(index) && self.chain[index] == chain),
        };
        let in_interface = |index: usize| counted(index) && self.interface[index];
        ComplexMeasures {
            chains: self.ids.iter().enumerate().map(of_chain).collect(),
            interface_score: mean_where(negative_log_likelihood, in_interface),
            interface_residues: (0..self.interface.len()).filter(|&index| in_interface(index)).count(),
            designed_residues: mask.designed.iter().filter(|&&designed| designed).count(),
            free_cysteines: self.free_cysteines(sequence),
        }
    }

    fn free_cysteines(&self, sequence: &[Letter]) -> usize {
        let letters = sequence.iter().enumerate();
        let cysteines: Vec<usize> =
            letters.filter(|(_, letter)| letter.to_char() == 'C').map(|(index, _)| index).collect();
        let mut pairs: Vec<CysteinePair> = Vec::new();
        for (place, &one) in cysteines.iter().enumerate() {
            for &other in &cysteines[..place] {
                let distance = distance_squared(self.betas[one], self.betas[other]);
                if distance < DISULFIDE_CUTOFF * DISULFIDE_CUTOFF {
                    pairs.push(CysteinePair { one, other, distance });
                }
            }
        }
        pairs.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        let mut bonded: Vec<usize> = Vec::new();
        for pair in pairs {
            if !bonded.contains(&pair.one) && !bonded.contains(&pair.other) {
                bonded.extend([pair.one, pair.other]);
            }
        }
        cysteines.len() - bonded.len()
    }
}

/// Two cysteines and the squared distance of their virtual CBs, Å².
struct CysteinePair {
    one: usize,
    other: usize,
    distance: f32,
}

fn is_near(one: Option<Point>, other: Option<Point>, cutoff: f32) -> bool {
    distance_squared(one, other) < cutoff * cutoff
}

/// Å²; infinite where a point is unknown.
fn distance_squared(one: Option<Point>, other: Option<Point>) -> f32 {
    match (one, other) {
        (Some(one), Some(other)) => one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum(),
        _ => f32::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use fastmpnn::chemistry::parse_sequence;
    use fastmpnn::structure::ReadOptions;

    use super::*;

    /// Backbones of three residues on two chains: A1 and B1 face each other, A2 is 30 Å away.
    fn structure() -> Structure {
        let mut text = String::new();
        for (chain, number, x) in [('A', 1, 0.0_f32), ('A', 2, 30.0), ('B', 1, 3.0)] {
            let atoms =
                [("N", "N", x, 1.4_f32), ("CA", "C", x, 0.0), ("C", "C", x + 1.5, 0.0), ("O", "O", x + 2.0, -1.0)];
            for (name, element, x, y) in atoms {
                text.push_str(&format!(
                    "ATOM      1  {name:<3} GLY {chain}{number:>4}    {x:>8.3}{y:>8.3}{:>8.3}  1.00  0.00           {element}\n",
                    0.0
                ));
            }
        }
        fastmpnn::structure::read_bytes("pair.pdb", text.as_bytes(), &ReadOptions::default()).unwrap()
    }

    #[test]
    fn scores_of_chains_and_of_their_interface() {
        let structure = structure();
        let geometry = ComplexGeometry::of(&structure);
        assert_eq!(geometry.chain_ids(), ["A", "B"]);
        let mask = ScoreMask::new(&structure, &[true, true, false]);
        let sequence = parse_sequence("CCC").unwrap();
        let measures = geometry.measure(&mask, &sequence, &[1.0, 3.0, 7.0]);
        let score = |chain: &str, score| ChainScore { chain: chain.to_owned(), score };
        assert_eq!(measures.chains, [score("A", Some(2.0)), score("B", None)]);
        assert_eq!((measures.interface_score, measures.interface_residues), (Some(1.0), 1), "B1 is not designed");
        assert_eq!((measures.designed_residues, measures.free_cysteines), (2, 1), "A1 and B1 are 3 Å apart");
        let without = geometry.measure(&mask, &parse_sequence("CCG").unwrap(), &[1.0, 3.0, 7.0]);
        assert_eq!(without.free_cysteines, 2);
    }
}
