//! Homo-oligomers: which chains are copies of each other, and which of their residues correspond.
//!
//! Two chains are copies when they agree in at least 90 % of the letters at corresponding residues, and at least half of
//! the shorter chain corresponds. Correspondence is by residue number and insertion code; where that finds no copy
//! (chain B continues the numbers of A), by position along chains of equal length; else by a global alignment of the
//! letters. Only the residues in common are tied, so that copies with missing residues can be designed together.

use std::collections::{BTreeMap, HashMap};

use super::ranges::{count_of_residues, short_ranges};
use super::ties::Group;
use crate::chemistry::Letter;
use crate::error::SpecError;
use crate::structure::Structure;

/// Alignments larger than this are not tried: 4,000 × 4,000 residues.
const LARGEST_ALIGNMENT: usize = 16_000_000;

/// Pairs of corresponding residues: (of the first chain, of its copy).
type Pairs = Vec<(usize, usize)>;

/// Author number and insertion code.
type Key = (i32, Option<char>);

/// How the residues of a chain were found to correspond to those of the first copy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Correspondence {
    Numbers,
    Positions,
    Alignment,
}

/// Chains with one sequence.
struct CopySet {
    /// Indexes into the structure's chains; the first is the one the others are compared to.
    chains: Vec<usize>,
    /// The corresponding residues, by number and insertion code in the first chain.
    slots: BTreeMap<Key, Vec<usize>>,
    how: Vec<Correspondence>,
}

/// Groups of corresponding residues among the chains that are designed, in file order.
pub(super) fn tie_copies(
    structure: &Structure,
    designed_chains: &[bool],
    warnings: &mut Vec<String>,
) -> Result<Vec<Group>, SpecError> {
    let chains: Vec<usize> = (0..structure.chains.len())
        .filter(|&chain| {
            let range = &structure.chains[chain].residues;
            !range.is_empty() && range.clone().all(|index| designed_chains[index])
        })
        .collect();
    let mut sets: Vec<CopySet> = Vec::new();
    let mut nearest: Option<(f32, String)> = None;
    for &chain in &chains {
        let mut home = None;
        for (rank, set) in sets.iter().enumerate() {
            match correspond(structure, set.chains[0], chain) {
                Ok(found) => {
                    home = Some((rank, found));
                    break;
                }
                Err(agreement) => {
                    let identity = agreement.identity();
                    if nearest.as_ref().is_none_or(|(best, _)| identity > *best) {
                        let (a, b) = (chain_id(structure, set.chains[0]), chain_id(structure, chain));
                        let sentence = format!("{a} and {b} come nearest, {agreement}");
                        nearest = Some((identity, sentence));
                    }
                }
            }
        }
        match home {
            Some((rank, (how, pairs))) => sets[rank].add(structure, chain, how, &pairs),
            None => sets.push(CopySet::new(structure, chain)),
        }
    }
    if sets.iter().all(|set| set.chains.len() < 2) {
        let reason = match (nearest, chains.as_slice()) {
            (Some((_, sentence)), _) => sentence,
            (None, [only]) => format!("only chain {} is designed", chain_id(structure, *only)),
            (None, _) => "no whole chain is designed".to_owned(),
        };
        return Err(SpecError::NoCopies { structure: structure.name.clone(), reason });
    }
    let mut groups = Vec::new();
    for set in &sets {
        set.remark(structure, warnings);
        let tied = set.slots.values().filter(|members| members.len() > 1);
        groups.extend(tied.map(|members| Group {
            members: members.clone(),
            weights: vec![1.0; members.len()],
            origin: "`homo_oligomer`".to_owned(),
        }));
    }
    Ok(groups)
}

impl CopySet {
    fn new(structure: &Structure, chain: usize) -> CopySet {
        let mut slots = BTreeMap::new();
        for index in structure.chains[chain].residues.clone() {
            slots.entry(key(structure, index)).or_insert_with(|| vec![index]);
        }
        CopySet { chains: vec![chain], slots, how: vec![Correspondence::Numbers] }
    }

    fn add(&mut self, structure: &Structure, chain: usize, how: Correspondence, pairs: &[(usize, usize)]) {
        // By number, residues that the first chain lacks still correspond among the other copies.
        let placed: Pairs = match how {
            Correspondence::Numbers => structure.chains[chain].residues.clone().map(|index| (index, index)).collect(),
            _ => pairs.to_vec(),
        };
        for (named, index) in placed {
            let members = self.slots.entry(key(structure, named)).or_default();
            // A file may give one number to two residues of a chain: the first is taken.
            if members.iter().all(|&member| structure.residues[member].chain != chain) {
                members.push(index);
            }
        }
        self.chains.push(chain);
        self.how.push(how);
    }

    fn remark(&self, structure: &Structure, warnings: &mut Vec<String>) {
        let id = |chain: usize| chain_id(structure, chain);
        if let [only] = self.chains[..] {
            warnings.push(format!(
                "`homo_oligomer`: chain {} is not a copy of another designed chain and is designed on its own",
                id(only)
            ));
            return;
        }
        for (&chain, how) in self.chains.iter().zip(&self.how) {
            let by = match how {
                Correspondence::Numbers => continue,
                Correspondence::Positions => "position, since their numbers differ",
                Correspondence::Alignment => "sequence alignment, since their numbers differ",
            };
            warnings.push(format!(
                "`homo_oligomer`: chain {} is tied to chain {} by {by}",
                id(chain),
                id(self.chains[0])
            ));
        }
        let length = |chain: usize| structure.chains[chain].residues.len();
        let alone: Vec<usize> = self.untied(structure);
        if !alone.is_empty() {
            let lengths: Vec<String> = self
                .chains
                .iter()
                .map(|&chain| format!("{} has {}", id(chain), count_of_residues(length(chain))))
                .collect();
            let tied = self.slots.values().filter(|members| members.len() > 1).count();
            warnings.push(format!(
                "`homo_oligomer`: the copies differ in extent ({}): {tied} positions are tied, and {} without counterpart {} not: {}",
                lengths.join(", "),
                count_of_residues(alone.len()),
                if alone.len() == 1 { "is" } else { "are" },
                short_ranges(&alone, structure)
            ));
        }
        let letter = |index: usize| structure.residues[index].letter;
        let differing: Vec<usize> = self
            .slots
            .values()
            .filter(|members| members.iter().any(|&member| letter(member) != letter(members[0])))
            .map(|members| members[0])
            .collect();
        if !differing.is_empty() {
            warnings.push(format!(
                "`homo_oligomer`: the native letters of the copies differ at {}; these positions are tied all the same",
                short_ranges(&differing, structure)
            ));
        }
    }

    fn untied(&self, structure: &Structure) -> Vec<usize> {
        let tied: std::collections::HashSet<usize> =
            self.slots.values().filter(|members| members.len() > 1).flatten().copied().collect();
        self.chains
            .iter()
            .flat_map(|&chain| structure.chains[chain].residues.clone())
            .filter(|index| !tied.contains(index))
            .collect()
    }
}

/// How far two chains agree at corresponding residues.
struct Agreement {
    shared: usize,
    /// Pairs with a known letter on both sides, or unknown on both.
    compared: usize,
    identical: usize,
    shorter: usize,
}

impl Agreement {
    fn of(structure: &Structure, pairs: &[(usize, usize)], shorter: usize) -> Agreement {
        let letters = |&(a, b): &(usize, usize)| (structure.residues[a].letter, structure.residues[b].letter);
        // A pair of X and a letter is no evidence either way.
        let compared = pairs.iter().map(letters).filter(|(a, b)| (*a == Letter::X) == (*b == Letter::X));
        let identical = compared.clone().filter(|(a, b)| a == b).count();
        Agreement { shared: pairs.len(), compared: compared.count(), identical, shorter }
    }

    fn identity(&self) -> f32 {
        if self.compared == 0 { 0.0 } else { self.identical as f32 / self.compared as f32 }
    }

    fn is_copy(&self) -> bool {
        self.identical * 10 >= self.compared * 9 && self.compared > 0 && self.shared * 2 >= self.shorter
    }
}

impl std::fmt::Display for Agreement {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = (self.identity() * 100.0).floor();
        let count = count_of_residues(self.shared);
        write!(out, "with {percent} % equal letters at {count} in common (90 % make a copy)")
    }
}

/// The corresponding residues of two chains, or how far they are from being copies.
fn correspond(structure: &Structure, first: usize, second: usize) -> Result<(Correspondence, Pairs), Agreement> {
    let (a, b) = (structure.chains[first].residues.clone(), structure.chains[second].residues.clone());
    let shorter = a.len().min(b.len());
    let mut best: Option<Agreement> = None;
    let mut consider = |pairs: &Pairs| {
        let agreement = Agreement::of(structure, pairs, shorter);
        let copy = agreement.is_copy();
        // A few equal letters by chance are no near miss.
        let telling = agreement.shared * 2 >= shorter;
        if best.as_ref().is_none_or(|best| telling && agreement.identity() > best.identity()) {
            best = Some(agreement);
        }
        copy
    };
    let by_key: HashMap<Key, usize> = a.clone().rev().map(|i| (key(structure, i), i)).collect();
    let pairs: Pairs = b.clone().filter_map(|j| Some((*by_key.get(&key(structure, j))?, j))).collect();
    if consider(&pairs) {
        return Ok((Correspondence::Numbers, pairs));
    }
    if a.len() == b.len() {
        let pairs: Pairs = a.clone().zip(b.clone()).collect();
        if consider(&pairs) {
            return Ok((Correspondence::Positions, pairs));
        }
    }
    if a.len().saturating_mul(b.len()) <= LARGEST_ALIGNMENT {
        let letters = |range: std::ops::Range<usize>| -> Vec<Letter> {
            range.map(|index| structure.residues[index].letter).collect()
        };
        let aligned = align(&letters(a.clone()), &letters(b.clone()));
        let pairs: Pairs = aligned.into_iter().map(|(i, j)| (a.start + i, b.start + j)).collect();
        if consider(&pairs) {
            return Ok((Correspondence::Alignment, pairs));
        }
    }
    Err(best.unwrap_or(Agreement { shared: 0, compared: 0, identical: 0, shorter }))
}

/// Global alignment with affine gaps (Gotoh 1982): the aligned pairs of positions. Opening a gap is expensive and
/// extending it cheap, because a copy lacks whole loops and termini, not scattered residues.
fn align(a: &[Letter], b: &[Letter]) -> Pairs {
    const EQUAL: i32 = 2;
    const DIFFERENT: i32 = -1;
    const OPEN: i32 = -5;
    const EXTEND: i32 = -1;
    const NEVER: i32 = i32::MIN / 2;
    // The last column of an alignment pairs both letters, or has one of the first or of the second sequence alone.
    const BOTH: usize = 0;
    const FIRST: usize = 1;
    const SECOND: usize = 2;
    let best = |scores: [i32; 3]| {
        let kind = (1..3).fold(BOTH, |best, kind| if scores[kind] > scores[best] { kind } else { best });
        (scores[kind], kind as u8)
    };
    // The cost of a column of that kind after each of the three.
    let gap = |before: [i32; 3], kind: usize| {
        best(std::array::from_fn(|k| before[k] + if k == kind { EXTEND } else { OPEN }))
    };
    let width = b.len() + 1;
    // Scores by the kind of the last column; and for each kind, that of the column before.
    let mut above = vec![[0, NEVER, NEVER]; width];
    let mut row = above.clone();
    let mut before = vec![[0_u8; 3]; (a.len() + 1) * width];
    for j in 1..width {
        let (score, kind) = gap(above[j - 1], SECOND);
        above[j] = [NEVER, NEVER, score];
        before[j][SECOND] = kind;
    }
    for (i, letter) in a.iter().enumerate() {
        let start = (i + 1) * width;
        let (score, kind) = gap(above[0], FIRST);
        row[0] = [NEVER, score, NEVER];
        before[start][FIRST] = kind;
        for (j, other) in b.iter().enumerate() {
            let (both, both_before) = best(above[j]);
            let (first, first_before) = gap(above[j + 1], FIRST);
            let (second, second_before) = gap(row[j], SECOND);
            let pair = if letter == other { EQUAL } else { DIFFERENT };
            row[j + 1] = [both + pair, first, second];
            before[start + j + 1] = [both_before, first_before, second_before];
        }
        std::mem::swap(&mut above, &mut row);
    }
    let (mut i, mut j) = (a.len(), b.len());
    let mut kind = usize::from(best(above[j]).1);
    let mut pairs = Vec::new();
    while i > 0 && j > 0 {
        let previous = usize::from(before[i * width + j][kind]);
        match kind {
            BOTH => {
                (i, j) = (i - 1, j - 1);
                pairs.push((i, j));
            }
            FIRST => i -= 1,
            _ => j -= 1,
        }
        kind = previous;
    }
    pairs.reverse();
    pairs
}

fn key(structure: &Structure, index: usize) -> Key {
    let id = &structure.residues[index].id;
    (id.number, id.insertion)
}

fn chain_id(structure: &Structure, chain: usize) -> &str {
    &structure.chains[chain].id
}
