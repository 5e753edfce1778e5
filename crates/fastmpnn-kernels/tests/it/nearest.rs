//! Nearest points on each instruction set this processor has: equal to sorting all distances, ties included.

use fastmpnn_kernels::{Isa, Kernels, PointCloud, SearchScratch, reference};

use crate::numbers::Numbers;

type Point = [f32; 3];

impl Numbers {
    fn point(&mut self, size: f32) -> Point {
        [self.next() * size, self.next() * size, self.next() * size]
    }
    fn points(&mut self, count: usize, size: f32) -> Vec<Point> {
        (0..count).map(|_| self.point(size)).collect()
    }
}

/// Searches from `centers`, on each instruction set, for each number of neighbors that the points allow.
#[track_caller]
fn check(points: &[Point], centers: &[Point], counts: &[usize]) {
    for cloud in [PointCloud::new(points), PointCloud::flat(points), PointCloud::in_tree(points)] {
        check_cloud(&cloud, points, centers, counts);
    }
}

#[track_caller]
fn check_cloud(cloud: &PointCloud, points: &[Point], centers: &[Point], counts: &[usize]) {
    assert_eq!((cloud.len(), cloud.is_empty()), (points.len(), points.is_empty()));
    let counts = || counts.iter().map(|&count| count.min(points.len()));
    let most = counts().max().unwrap_or(0);
    let expected: Vec<_> = centers.iter().map(|&center| reference::nearest(points, center, most)).collect();
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        let mut scratch = SearchScratch::default();
        for count in counts() {
            for (center, expected) in centers.iter().zip(&expected) {
                let mut out = vec![u32::MAX; count];
                kernels.nearest(cloud, *center, &mut scratch, &mut out);
                assert_eq!(out, expected[..count], "{count} of {} points from {center:?} on {isa}", points.len());
            }
        }
    }
}

/// About `count` of the points, evenly.
fn some(points: &[Point], count: usize) -> Vec<Point> {
    points.iter().copied().step_by(points.len().div_ceil(count).max(1)).collect()
}

const COUNTS: [usize; 5] = [1, 2, 30, 48, usize::MAX];

#[test]
fn clouds_of_every_size() {
    println!("{}", Isa::available().map(Isa::name).collect::<Vec<_>>().join(", "));
    check(&[], &[[0.0; 3]], &COUNTS);
    let sizes =
        (1..=70).chain([95, 96, 97, 127, 128, 129]).chain((150..=300).step_by(7)).chain([511, 1000, 1025, 2000]);
    for size in sizes {
        let mut numbers = Numbers(size as u64);
        let points = numbers.points(size, 20.0);
        let mut centers = some(&points, 6);
        // Places that are no points, inside and outside.
        centers.extend([[0.0; 3], numbers.point(20.0), numbers.point(200.0)]);
        check(&points, &centers, &COUNTS);
    }
}

#[test]
fn lattices_full_of_ties() {
    for side in [4, 7, 12] {
        let along = |i: usize, step: usize| (i / step % side) as f32 * 3.8;
        let lattice: Vec<Point> =
            (0..side * side * side).map(|i| [along(i, 1), along(i, side), along(i, side * side)]).collect();
        check(&lattice, &some(&lattice, 24), &COUNTS);
        // The same in an order that has nothing to do with space.
        let shuffled: Vec<Point> = (0..lattice.len()).map(|i| lattice[i * 101 % lattice.len()]).collect();
        check(&shuffled, &some(&shuffled, 24), &COUNTS);
    }
}

#[test]
fn a_lattice_among_other_points() {
    let mut points = Numbers(3).points(301, 30.0);
    points.extend((0..64).map(|i| [(i % 4) as f32, (i / 4 % 4) as f32, (i / 16) as f32]));
    check(&points, &[0, 17, 300, 301, 330, 364].map(|center: usize| points[center]), &COUNTS);
}

#[test]
fn clusters_far_apart() {
    for distance in [1e3, 1e6, 1e12] {
        let mut numbers = Numbers(5);
        let mut points = Vec::new();
        for cluster in 0..7 {
            let center = numbers.point(distance);
            points.extend((0..60 * cluster + 1).map(|_| {
                let offset = numbers.point(10.0);
                std::array::from_fn(|axis| center[axis] + offset[axis])
            }));
        }
        check(&points, &some(&points, 40), &COUNTS);
    }
}

#[test]
fn points_in_one_place_and_on_a_line() {
    let origin = vec![[0.0; 3]; 1000];
    check(&origin, &[[0.0; 3], [1.0, -2.0, 3.0]], &COUNTS);
    let far = vec![[1e6, -1e6, 3.0]; 700];
    check(&far, &[far[0], [0.0; 3]], &COUNTS);
    let pairs: Vec<Point> = (0..900).map(|i| [(i % 450) as f32, 0.0, -0.0]).collect();
    check(&pairs, &some(&pairs, 20), &COUNTS);
    let line: Vec<Point> = (0..1300).map(|i| [7.0, (i * 37 % 1300) as f32 * 0.5, -2.0]).collect();
    check(&line, &some(&line, 20), &COUNTS);
}

#[test]
fn differences_lost_in_rounding() {
    // Near 10⁶ Å, neighboring f32 are 1/16 apart: many points round to the same place and many distances are equal.
    // Distances far below √10⁻⁶ are lost in that term, those beyond 10¹⁹ overflow to infinity: then only the index counts.
    for (place, size) in [(1e6, 0.5), (1e6, 10.0), (0.0, 1e-6), (0.0, 1e-20), (0.0, 3e19), (0.0, 3e38)] {
        let mut numbers = Numbers(11);
        let points: Vec<Point> = (0..1500).map(|_| numbers.point(size).map(|x| place + x)).collect();
        check(&points, &some(&points, 30), &COUNTS);
    }
}

#[test]
fn twenty_thousand_points() {
    // As dense as a protein's CA atoms, one in about 140 Å³.
    let points = Numbers(13).points(20_000, 70.0);
    check(&points, &some(&points, 100), &[30, 48, 64]);
}

#[test]
fn a_point_that_is_no_number_takes_no_part_in_finite_company() {
    let mut points = Numbers(17).points(600, 20.0);
    points[5] = [f32::NAN; 3];
    points[300][1] = f32::NAN;
    let finite: Vec<u32> = (0..600).filter(|index| ![5, 300].contains(index)).collect();
    let among: Vec<Point> = finite.iter().map(|&index| points[index as usize]).collect();
    let cloud = PointCloud::new(&points);
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        let mut out = vec![0; 48];
        kernels.nearest(&cloud, points[0], &mut SearchScratch::default(), &mut out);
        let expected = reference::nearest(&among, points[0], 48);
        assert_eq!(out, expected.iter().map(|&place| finite[place as usize]).collect::<Vec<_>>());
    }
}

#[test]
#[should_panic(expected = "4 neighbors among 3 points")]
fn more_neighbors_than_points() {
    let kernels = Kernels::on(Isa::Scalar).expect("it is available");
    kernels.nearest(&PointCloud::new(&[[0.0; 3]; 3]), [0.0; 3], &mut SearchScratch::default(), &mut [0; 4]);
}
