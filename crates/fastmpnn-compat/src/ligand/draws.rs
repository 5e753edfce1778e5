//! The numbers that a run draws from torch's stream: for each batch first the normal numbers that its decoding orders
//! sort, then 20 numbers for each copy at each step, whether the residue is fixed, has no backbone, or is designed.
//!
//! No draw depends on a letter, so all are drawn ahead, and decoding may take residues together.

use fastmpnn::spec::TiedGroup;

use crate::decoding_orders;
use crate::python::torch_random::TorchRandom;

/// The number of letters that can be drawn: all but X.
pub(super) const DRAWN: usize = 20;

/// Random bits for each residue and letter of one copy, `[N, 20]`; those of a tied group are at its first member.
pub(super) type LetterBits = Vec<[u64; DRAWN]>;

/// The random numbers of a batch.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// The decoding order of each copy: residues, the first decoded first. `[copies, N]`
    pub(super) orders: Vec<Vec<u32>>,
    /// `[copies, N, 20]`
    pub(super) bits: Vec<LetterBits>,
}

/// Draws the numbers of a batch.
pub(super) fn batch(random: &mut TorchRandom, designed: &[bool], ties: Option<&[TiedGroup]>, copies: usize) -> Batch {
    let length = designed.len();
    let mut orders = decoding_orders::orders(random, designed, copies);
    let mut steps: Vec<usize> = (0..length).collect();
    if let Some(ties) = ties {
        // All copies follow the order of the first, group by group.
        let shared = decoding_orders::tied_order(&orders[0], ties);
        let later = |&step: &usize| !ties.iter().any(|tie| tie.members[1..].contains(&(shared[step] as usize)));
        steps.retain(later);
        orders.fill(shared);
    }
    let mut bits = vec![vec![[0; DRAWN]; length]; copies];
    for step in steps {
        for (bits, order) in bits.iter_mut().zip(&orders) {
            bits[order[step] as usize] = std::array::from_fn(|_| random.bits64());
        }
    }
    Batch { orders, bits }
}
