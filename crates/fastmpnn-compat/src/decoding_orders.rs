//! Decoding orders as the published code draws them: a sort of the absolute values of normal numbers.

use fastmpnn::spec::TiedGroup;

use crate::python::torch_random::TorchRandom;

/// The decoding orders of the copies of a batch, `[copies, N]`: residue indices, the first decoded first. They sort
/// |randn|, scaled down for residues that are not designed.
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

/// The sort key of an order: (designed + 0.0001) · |normal|.
pub(crate) fn key(designed: bool, normal: f32) -> f32 {
    let designed = if designed { 1.0_f32 } else { 0.0 };
    (designed + 0.0001) * normal.abs()
}

/// The rank of each residue in an order, from 0.
pub(crate) fn rank_of(order: &[u32]) -> Vec<u32> {
    let mut rank = vec![0; order.len()];
    for (place, &residue) in order.iter().enumerate() {
        rank[residue as usize] = place as u32;
    }
    rank
}

/// The order of tied groups in tied decoding: a group has the place of its first member.
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
