//! Decoding orders, and the position of a residue in them when it is scored on its own.

use crate::decoding_orders;

/// The orders in which residues are scored one by one: each residue has its own order, in which it comes first or last
/// and all others are in a common order.
///
/// The published order sorts |randn|, scaled by a ten-thousandth for those that are to come first. So occasionally a
/// residue whose number is very large, or one beside a very small number, is not quite first or last.
#[derive(Clone, Debug)]
pub(super) struct SingleOrders {
    /// All residues, in the common order.
    common: Vec<u32>,
    /// For each residue, the first place in `common` that it comes before. `[N]`
    pub(super) before: Vec<u32>,
}

impl SingleOrders {
    /// The orders from a row of normal numbers, `[N]`.
    pub(super) fn new(normals: &[f32], last: bool) -> SingleOrders {
        let all = vec![!last; normals.len()];
        let common = decoding_orders::order(&all, normals);
        let key = |residue: u32, late: bool| decoding_orders::key(late, normals[residue as usize]);
        let before = (0..normals.len() as u32).map(|residue| {
            let own = key(residue, last);
            // Equal keys keep the order of the residues.
            let earlier = |&other: &u32| key(other, !last).total_cmp(&own).then(other.cmp(&residue)).is_lt();
            common.partition_point(earlier) as u32
        });
        SingleOrders { before: before.collect(), common }
    }

    /// The rank of each residue in the common order. `[N]`
    pub(super) fn rank(&self) -> Vec<u32> {
        decoding_orders::rank_of(&self.common)
    }

    /// The order in which a residue is scored.
    pub(super) fn of(&self, residue: u32) -> impl Iterator<Item = u32> + '_ {
        let (earlier, later) = self.common.split_at(self.before[residue as usize] as usize);
        let others =
            move |part: &'_ [u32]| -> Vec<u32> { part.iter().copied().filter(|&other| other != residue).collect() };
        others(earlier).into_iter().chain([residue]).chain(others(later))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `argsort((mask + 0.0001) · |normals|)`, as in the published code.
    fn plain(normals: &[f32], residue: usize, last: bool) -> Vec<u32> {
        let key =
            |other: usize| (if (other == residue) == last { 1.0_f32 } else { 0.0 } + 0.0001) * normals[other].abs();
        let mut order: Vec<u32> = (0..normals.len() as u32).collect();
        order.sort_by(|&one, &other| key(one as usize).total_cmp(&key(other as usize)));
        order
    }

    #[test]
    fn a_residue_leaves_its_place_and_the_others_stay() {
        let usual = [0.5, -2.0, 1.5, 0.25, -0.75];
        let odd = [0.00001, -3.0, 2.5, 0.0002, 1.0, -0.00002, 1.0];
        for normals in [&usual[..], &odd] {
            for last in [false, true] {
                let orders = SingleOrders::new(normals, last);
                for residue in 0..normals.len() {
                    let found: Vec<u32> = orders.of(residue as u32).collect();
                    assert_eq!(found, plain(normals, residue, last), "{normals:?}, residue {residue}, last {last}");
                }
            }
        }
        let places = |normals, last| SingleOrders::new(normals, last).before;
        assert_eq!((places(&usual, false), places(&usual, true)), (vec![0; 5], vec![5; 5]));
        assert_ne!((places(&odd, false), places(&odd, true)), (vec![0; 7], vec![7; 7]));
    }
}
