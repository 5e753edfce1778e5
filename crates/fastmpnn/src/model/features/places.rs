//! The features of a residue's context atoms (published `ProteinFeaturesLigand`): the element of each atom, its place
//! relative to the backbone, and the distances between the atoms.
//!
//! An element is one-hot in number, group and period, 120 + 19 + 8 inputs, so every linear map of it is a table with
//! one row per element. The only feature of a pair of atoms is its distance, so all that the network computes for a
//! pair is a function of one number.

use fastmpnn_kernels::{Buffer, Kernels, PackedMatrix, RadialBasis, Rows, RowsMut, WeightedBias, padded};

use crate::chemistry::group_and_period;
use crate::error::WeightsError;
use crate::featurize::{ContextAtom, DIRECTION, EdgeLayout, ResidueFrame, distance};
use crate::model::layers::{Loader, Norm};
use crate::structure::Point;
use crate::weights::Family;

/// Rows of a table of elements: atomic numbers 0 (none) … 118.
pub(crate) const ELEMENTS: usize = 119;

/// One-hot inputs: atomic numbers, groups, periods. The first of each stands for no element.
const ONE_HOT: [usize; 3] = [120, 19, 8];
const ELEMENT_INPUTS: usize = ONE_HOT[0] + ONE_HOT[1] + ONE_HOT[2];

/// Outputs of `type_linear`.
const TYPE_WIDTH: usize = 64;

/// Sites of a residue that an atom's distance is taken to: N, CA, C, O, CB.
const SITES: usize = 5;

/// Gaussians of a distance; their σ is the span of their centers over their number.
const RADIAL_FUNCTIONS: usize = 16;

/// How a family describes its context atoms, and the names of its tensors.
#[derive(Debug)]
pub(crate) struct ContextLayout {
    /// Name of the map of the atoms' places.
    pub(crate) places: &'static str,
    /// First and last center of the Gaussians, Å.
    centers: (f32, f32),
}

impl ContextLayout {
    /// The layout of a family; LigandMPNN's for those that see no context.
    pub(crate) fn of(family: Family) -> ContextLayout {
        let places = if family == Family::Packer { "W_e_context" } else { "W_v" };
        ContextLayout { places, centers: EdgeLayout::of(family).centers }
    }

    fn radial_basis(&self) -> RadialBasis {
        let (nearest, farthest) = self.centers;
        let step = (farthest - nearest) / (RADIAL_FUNCTIONS - 1) as f32;
        let centers: Vec<f32> = (0..RADIAL_FUNCTIONS).map(|index| nearest + step * index as f32).collect();
        RadialBasis::new(&centers, (farthest - nearest) / RADIAL_FUNCTIONS as f32)
    }
}

/// One output of a `[outputs, 147]` weight for an element: the sum of the columns that its one-hot inputs select.
fn element_column(weight: &[f32], output: usize, number: u8) -> f32 {
    let (group, period) = group_and_period(number);
    let row = &weight[output * ELEMENT_INPUTS..][..ELEMENT_INPUTS];
    row[usize::from(number)] + row[ONE_HOT[0] + usize::from(group)] + row[ONE_HOT[0] + ONE_HOT[1] + usize::from(period)]
}

/// The published `Y_nodes`: y_nodes and norm_y_nodes of each element. `[ELEMENTS, H]`
pub(crate) fn element_states(loader: &Loader<'_>, hidden: usize) -> Result<Buffer, WeightsError> {
    let weight = &*loader.checkpoint.values("features.y_nodes.weight", &[hidden, ELEMENT_INPUTS])?;
    let norm = Norm::load(loader, "features.norm_y_nodes", hidden)?;
    let stride = padded(hidden);
    let mut table = Buffer::zeros(ELEMENTS * stride);
    for (number, row) in table.chunks_exact_mut(stride).enumerate() {
        for (output, value) in row[..hidden].iter_mut().enumerate() {
            *value = element_column(weight, output, number as u8);
        }
    }
    norm.apply(loader.kernels, RowsMut::new(&mut table, stride));
    Ok(table)
}

/// The published `Y_edges` at some distances between atoms, Å: radial functions, y_edges and norm_y_edges.
/// `[distances, H]`
pub(crate) fn pair_states(
    loader: &Loader<'_>,
    hidden: usize,
    layout: &ContextLayout,
    distances: &[f32],
) -> Result<Buffer, WeightsError> {
    let weight = &*loader.checkpoint.values("features.y_edges.weight", &[hidden, RADIAL_FUNCTIONS])?;
    let norm = Norm::load(loader, "features.norm_y_edges", hidden)?;
    let Loader { kernels, .. } = *loader;
    let stride = padded(hidden);
    let mut gaussians = Buffer::zeros(distances.len() * padded(RADIAL_FUNCTIONS));
    let rows = RowsMut::new(&mut gaussians, padded(RADIAL_FUNCTIONS));
    kernels.radial_basis(&layout.radial_basis(), distances, 1, rows);
    let mut states = Buffer::zeros(distances.len() * stride);
    let map = loader.pack_columns(weight, RADIAL_FUNCTIONS, 0, RADIAL_FUNCTIONS);
    let rows = Rows::new(&gaussians, padded(RADIAL_FUNCTIONS));
    kernels.matmul(rows, &map, &Buffer::zeros(stride), RowsMut::new(&mut states, stride));
    norm.apply(kernels, RowsMut::new(&mut states, stride));
    Ok(states)
}

/// The trained part of an atom's place relative to a residue: node_project_down and norm_nodes.
#[derive(Debug)]
pub(crate) struct PlaceFeatures {
    basis: RadialBasis,
    /// Share of the linear map that an element adds, bias included. `[ELEMENTS, H]`
    elements: Buffer,
    /// The share of the distances and angles.
    places: PackedMatrix,
    norm: Norm,
    stride: usize,
    zeros: Buffer,
}

/// Memory for the atoms of a residue, reused.
#[derive(Debug, Default)]
pub(crate) struct PlaceScratch {
    distances: Vec<f32>,
    inputs: Buffer,
    ones: Vec<f32>,
}

impl PlaceFeatures {
    pub(crate) fn load(
        loader: &Loader<'_>,
        hidden: usize,
        layout: &ContextLayout,
    ) -> Result<PlaceFeatures, WeightsError> {
        let checkpoint = loader.checkpoint;
        let radial = SITES * RADIAL_FUNCTIONS;
        let inputs = radial + TYPE_WIDTH + DIRECTION;
        let weight = &*checkpoint.values("features.node_project_down.weight", &[hidden, inputs])?;
        let bias = &*checkpoint.values("features.node_project_down.bias", &[hidden])?;
        let types = &*checkpoint.values("features.type_linear.weight", &[TYPE_WIDTH, ELEMENT_INPUTS])?;
        let types_bias = &*checkpoint.values("features.type_linear.bias", &[TYPE_WIDTH])?;
        let stride = padded(hidden);
        let mut elements = Buffer::zeros(ELEMENTS * stride);
        for (number, row) in elements.chunks_exact_mut(stride).enumerate() {
            let embedded: Vec<f64> = (0..TYPE_WIDTH)
                .map(|output| f64::from(element_column(types, output, number as u8)) + f64::from(types_bias[output]))
                .collect();
            for ((value, weights), &bias) in row.iter_mut().zip(weight.chunks_exact(inputs)).zip(bias) {
                let products = embedded.iter().zip(&weights[radial..]).map(|(x, &w)| x * f64::from(w));
                *value = (products.sum::<f64>() + f64::from(bias)) as f32;
            }
        }
        let rest: Vec<f32> = weight
            .chunks_exact(inputs)
            .flat_map(|row| row[..radial].iter().chain(&row[radial + TYPE_WIDTH..]).copied())
            .collect();
        Ok(PlaceFeatures {
            basis: layout.radial_basis(),
            elements,
            places: loader.kernels.pack(&rest, hidden, radial + DIRECTION),
            norm: Norm::load(loader, "features.norm_nodes", hidden)?,
            stride,
            zeros: Buffer::zeros(stride),
        })
    }

    /// Writes the published `V` of a residue's atoms to `out`, `[atoms, H]`. `sites` are N, CA, C, O and CB.
    pub(crate) fn fill(
        &self,
        kernels: Kernels,
        sites: &[Point],
        atoms: impl Iterator<Item = ContextAtom> + Clone,
        scratch: &mut PlaceScratch,
        out: &mut [f32],
    ) {
        let count = out.len() / self.stride;
        let PlaceScratch { distances, inputs, ones } = scratch;
        distances.clear();
        for atom in atoms.clone() {
            distances.extend(sites[..SITES].iter().map(|&site| distance(site, atom.position)));
        }
        // The rows have the stride of the hidden states, for which the products have a dedicated microkernel.
        let width = padded(SITES * RADIAL_FUNCTIONS + DIRECTION).max(self.stride);
        inputs.resize(count * width);
        kernels.radial_basis(&self.basis, distances, SITES, RowsMut::new(inputs, width));
        let frame = ResidueFrame::of(sites);
        for ((input, row), atom) in inputs.chunks_exact_mut(width).zip(out.chunks_exact_mut(self.stride)).zip(atoms) {
            input[SITES * RADIAL_FUNCTIONS..][..DIRECTION].copy_from_slice(&frame.direction(atom.position));
            row.copy_from_slice(&self.elements[usize::from(atom.element) * self.stride..][..self.stride]);
        }
        ones.resize(count, 1.0);
        let no_bias = WeightedBias { bias: &self.zeros, row_weights: &ones[..count] };
        kernels.matmul_accumulate(Rows::new(inputs, width), &self.places, no_bias, RowsMut::new(out, self.stride));
        self.norm.apply(kernels, RowsMut::new(out, self.stride));
    }

    /// Multiply-adds per atom.
    pub(crate) fn operations(hidden: usize) -> u64 {
        ((SITES * RADIAL_FUNCTIONS + DIRECTION) * hidden) as u64
    }
}
