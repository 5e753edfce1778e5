//! What a run draws from torch's stream, in the order in which the published code draws it.
//!
//! Nothing that is drawn depends on a letter: a decoding order is a sort of normal numbers, and a step of decoding takes
//! 21 numbers for each copy unless the residue has no backbone. So the numbers are drawn ahead, and decoding is free to
//! take residues together.

use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::spec::TiedGroup;
use fastmpnn::structure::Structure;

use super::entries::ATOMS;
use super::target::Target;
use crate::python::torch_random::TorchRandom;

/// Decoding orders of the copies of a batch: residues, the first decoded first. They sort |randn|, made small where
/// nothing is designed.
pub(crate) fn orders(random: &mut TorchRandom, designed: &[bool], copies: usize) -> Vec<Vec<u32>> {
    let length = designed.len();
    let normals = random.normals(copies * length);
    (0..copies).map(|copy| order(designed, &normals[copy * length..][..length])).collect()
}

/// `argsort((designed + 0.0001) · |normals|)`.
pub(crate) fn order(designed: &[bool], normals: &[f32]) -> Vec<u32> {
    let key = |residue: u32| key(designed[residue as usize], normals[residue as usize]);
    let mut order: Vec<u32> = (0..designed.len() as u32).collect();
    order.sort_by(|&one, &other| key(one).total_cmp(&key(other)));
    order
}

/// What an order sorts: (designed + 0.0001) · |normal|.
pub(crate) fn key(designed: bool, normal: f32) -> f32 {
    let designed = if designed { 1.0_f32 } else { 0.0 };
    (designed + 0.0001) * normal.abs()
}

/// The place of each residue in an order.
pub(crate) fn rank_of(order: &[u32]) -> Vec<u32> {
    let mut rank = vec![0; order.len()];
    for (place, &residue) in order.iter().enumerate() {
        rank[residue as usize] = place as u32;
    }
    rank
}

/// The order of groups that tied decoding follows: a group stands where its first member does.
pub(crate) fn tied_order(order: &[u32], ties: &[TiedGroup]) -> Vec<u32> {
    let mut tie_of = vec![None; order.len()];
    for (index, tie) in ties.iter().enumerate() {
        for &member in &tie.members {
            tie_of[member] = Some(index);
        }
    }
    let mut done = vec![false; ties.len()];
    let mut tied = Vec::with_capacity(order.len());
    for &residue in order {
        match tie_of[residue as usize] {
            None => tied.push(residue),
            Some(index) if std::mem::replace(&mut done[index], true) => {}
            Some(index) => tied.extend(ties[index].members.iter().map(|&member| member as u32)),
        }
    }
    tied
}

/// Random bits for each residue and letter of one copy, `[N, V]`; zeros where nothing is drawn.
pub(super) type LetterBits = Vec<[u64; VOCABULARY]>;

/// The bits that a batch draws its letters with, copy by copy. The copies step together, each along its own order.
pub(super) fn letter_bits(random: &mut TorchRandom, target: &Target, orders: &[Vec<u32>]) -> Vec<LetterBits> {
    let length = target.len();
    let mut bits = vec![vec![[0; VOCABULARY]; length]; orders.len()];
    let mut draw = |residues: &mut dyn Iterator<Item = (usize, usize)>| {
        for (copy, residue) in residues {
            bits[copy][residue] = std::array::from_fn(|_| random.bits64());
        }
    };
    match &target.ties {
        None => {
            for step in 0..length {
                let at = |copy: usize| orders[copy][step] as usize;
                if (0..orders.len()).any(|copy| target.resolved[at(copy)]) {
                    draw(&mut (0..orders.len()).map(|copy| (copy, at(copy))));
                }
            }
        }
        Some(ties) => {
            // All copies follow the order of the first, group by group.
            let mut tie_of = vec![None; length];
            for tie in ties {
                for &member in &tie.members {
                    tie_of[member] = Some(tie);
                }
            }
            for &residue in orders.first().into_iter().flatten() {
                let residue = residue as usize;
                let members = tie_of[residue].map_or(std::slice::from_ref(&residue), |tie| &tie.members[..]);
                if members[0] == residue && members.iter().all(|&member| target.resolved[member]) {
                    draw(&mut (0..orders.len()).map(|copy| (copy, residue)));
                }
            }
        }
    }
    bits
}

/// Copies of a structure with normal noise of that standard deviation on each coordinate, Å. Numbers are drawn for
/// atoms that are not there, too.
pub(super) fn noisy_copies(
    random: &mut TorchRandom,
    structure: &Structure,
    (noise, copies): (f32, usize),
    ca_only: bool,
) -> Vec<Structure> {
    let atoms: &[&str] = if ca_only { &["CA"] } else { &ATOMS };
    let normals = random.normals(copies * structure.residues.len() * atoms.len() * 3);
    let mut normals = normals.iter();
    let copy = |_| {
        let mut structure = structure.clone();
        for residue in &mut structure.residues {
            for name in atoms {
                let moves: [f32; 3] = std::array::from_fn(|_| normals.next().copied().unwrap_or(0.0));
                if let Some(atom) = residue.atoms.iter_mut().find(|atom| atom.name == *name) {
                    for (axis, step) in atom.position.iter_mut().zip(moves) {
                        *axis += noise * step;
                    }
                }
            }
        }
        structure
    };
    (0..copies).map(copy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_residues_come_first_and_equal_keys_by_index() {
        let order = order(&[true, false, true, false, true], &[0.5, -2.0, 0.5, 1.0, -0.25]);
        assert_eq!(order, [3, 1, 4, 0, 2]);
        assert_eq!(rank_of(&order), [3, 1, 4, 0, 2]);
    }

    #[test]
    fn a_tied_group_stands_where_its_first_member_does() {
        let tie = |members: &[usize]| TiedGroup { members: members.to_vec(), weights: vec![1.0; members.len()] };
        let ties = [tie(&[0, 3]), tie(&[4, 1])];
        assert_eq!(tied_order(&[2, 3, 1, 0, 4], &ties), [2, 0, 3, 4, 1]);
    }
}
