//! Proposes labels for the membrane network of labels by residue, from the positions of residues in a membrane. The
//! authors have published no rule; `docs/membrane.md` has the measurements behind this one.
//!
//! A residue whose side chain points outward is buried where it is near the membrane's center, and interface around the
//! end of the hydrophobic part. All others are neither.

use super::MembraneClass;
use super::ranges::ranges;
use crate::chemistry::is_membrane_mark;
use crate::structure::{Point, Structure, virtual_beta};

/// A side chain points outward if fewer CA atoms than this are near its virtual CB.
const CROWDED: usize = 9;
/// Near is within this of the virtual CB, Å, and in the half sphere that the side chain points into.
const NEAR: f32 = 12.0;
/// Interface is so far from the end of the hydrophobic part, Å: on the side of the center, and on that of the water.
const INTERFACE_INSIDE: f32 = 5.0;
const INTERFACE_OUTSIDE: f32 = 10.0;

/// Dummy atoms lie within this of ±half thickness, Å, where a structure still is as the OPM and PPM servers placed it.
const PLANE: f32 = 0.5;

/// The position of a membrane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MembraneFrame {
    /// A point in the middle of the membrane, Å.
    pub center: Point,
    /// The direction across the membrane; any length but zero.
    pub normal: Point,
    /// Half the thickness of its hydrophobic part, Å.
    pub half_thickness: f32,
}

/// A residue that has a backbone, in a membrane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The signed distance of the CA from the membrane's middle, along the normal, Å.
    pub depth: f32,
    /// The number of CA atoms near the virtual CB, in the half sphere that the side chain points into.
    pub neighbors: usize,
    /// The label.
    pub class: MembraneClass,
}

/// Labels for the residues of a structure.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelProposal {
    /// `[N]`; `None` without a backbone.
    pub placements: Vec<Option<Placement>>,
}

impl MembraneFrame {
    /// The frame of the OPM database: across z, the middle at z = 0.
    pub fn of_half_thickness(half_thickness: f32) -> MembraneFrame {
        MembraneFrame { center: [0.0; 3], normal: [0.0, 0.0, 1.0], half_thickness }
    }

    /// The half thickness that dummy atoms of the OPM database mark in its frame; `None` where there are none, or where
    /// they are not two planes at equal heights above and below z = 0.
    pub fn half_thickness_of(structure: &Structure) -> Option<f32> {
        let dummies = structure.ligand_atoms.iter().filter(|atom| is_membrane_mark(&atom.residue_name));
        let heights: Vec<f32> = dummies.map(|dummy| dummy.atom.position[2]).collect();
        let highest = heights.iter().copied().fold(0.0, f32::max);
        let both = heights.iter().any(|&height| height < 0.0);
        let flat = heights.iter().all(|height| (height.abs() - highest).abs() < PLANE);
        (highest > 0.0 && both && flat).then_some(highest)
    }

    /// Å from the middle of the membrane, positive in the direction of the normal.
    pub fn depth(&self, point: Point) -> f32 {
        let length = dot(self.normal, self.normal).sqrt();
        dot(minus(point, self.center), self.normal) / length
    }
}

impl LabelProposal {
    /// Labels the residues of a structure.
    pub fn new(structure: &Structure, frame: &MembraneFrame) -> LabelProposal {
        let backbones: Vec<_> = structure.residues.iter().map(|residue| residue.backbone()).collect();
        let alphas: Vec<Point> = backbones.iter().flatten().map(|backbone| backbone[1]).collect();
        let place = |[n, ca, c, _]: [Point; 4]| {
            let beta = virtual_beta(n, ca, c);
            let outward = minus(beta, ca);
            let steps = alphas.iter().map(|&other| minus(other, beta));
            let neighbors = steps.filter(|&step| dot(step, step) < NEAR * NEAR && dot(step, outward) > 0.0).count();
            let depth = frame.depth(ca);
            Placement { depth, neighbors, class: class(depth, neighbors, frame.half_thickness) }
        };
        LabelProposal { placements: backbones.into_iter().map(|backbone| backbone.map(place)).collect() }
    }

    /// The residues of a class, as indexes.
    pub fn residues(&self, class: MembraneClass) -> Vec<usize> {
        let of_class = |index: &usize| self.placements[*index].is_some_and(|placement| placement.class == class);
        (0..self.placements.len()).filter(of_class).collect()
    }

    /// The residues of a class as a selection, empty where there are none.
    pub fn selection(&self, class: MembraneClass, structure: &Structure) -> String {
        ranges(&self.residues(class), structure)
    }
}

fn class(depth: f32, neighbors: usize, half_thickness: f32) -> MembraneClass {
    let from_end = depth.abs() - half_thickness;
    if neighbors >= CROWDED || from_end > INTERFACE_OUTSIDE {
        MembraneClass::Outside
    } else if from_end < -INTERFACE_INSIDE {
        MembraneClass::Buried
    } else {
        MembraneClass::Interface
    }
}

fn minus(p: Point, q: Point) -> Point {
    [p[0] - q[0], p[1] - q[1], p[2] - q[2]]
}

fn dot(p: Point, q: Point) -> f32 {
    p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
}
