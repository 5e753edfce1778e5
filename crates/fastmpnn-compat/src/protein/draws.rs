//! The numbers that a run draws from torch's stream, in the order of the published code.
//!
//! No draw depends on a letter: a decoding order is a sort of normal numbers, and a step of decoding takes 21 numbers
//! for each copy unless the residue has no backbone. So the numbers are drawn ahead, and decoding may take residues
//! together.

use fastmpnn::chemistry::VOCABULARY;
use fastmpnn::structure::Structure;

use super::entries::ATOMS;
use super::target::Target;
use crate::python::torch_random::TorchRandom;

/// Random bits for each residue and letter of one copy, `[N, V]`; zeros for residues without a draw.
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

/// Copies of a structure with normal noise of standard deviation `noise` on each coordinate, Å. Numbers are also drawn
/// for missing atoms.
pub(super) fn noisy_copies(
    random: &mut TorchRandom,
    structure: &Structure,
    noise: f32,
    copies: usize,
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
