//! Networks whose large products are of numbers split into bf16, against the published code.
//!
//! They run on the twin of the matrix tiles, which computes what the tiles do, bit for bit, on every processor
//! ([`TileInstructions`]).

use std::sync::Arc;

use fastmpnn_kernels::{Isa, KernelPlan, Kernels, TileInstructions};

use crate::golden_tests::{Case, root};
use crate::model::{Arithmetic, MemoryBudget, Mixture, Model, Precision};
use crate::weights::Checkpoint;

/// The widest instruction set of this processor, with these instructions for split numbers.
pub(crate) fn kernels_with(tiles: TileInstructions) -> Kernels {
    let isa = Isa::available().last().expect("an instruction set");
    let plan = KernelPlan::fastest(isa).expect("an available instruction set");
    Kernels::by(plan.with_tiles(tiles).expect("a twin is available everywhere"))
}

/// A network of that precision with these instructions for split numbers.
pub(crate) fn in_precision(
    precision: Precision,
    tiles: TileInstructions,
    golden: &str,
    checkpoint: &Checkpoint,
) -> Case {
    let model = Model::load(kernels_with(tiles), checkpoint, precision).expect("a loadable checkpoint");
    assert_eq!(model.precision, precision);
    Case::of(golden, structure_of(golden), Arc::new(model))
}

/// The structure of a golden: its name ends in it.
pub(crate) fn structure_of(golden: &str) -> &str {
    golden.rsplit('_').next().unwrap_or(golden)
}

pub(crate) fn embedded() -> Checkpoint {
    Checkpoint::embedded().expect("the embedded checkpoint")
}

fn committed(name: &str) -> Checkpoint {
    let bytes = std::fs::read(root().join(format!("tests/golden/{name}.safetensors"))).expect("a committed network");
    Checkpoint::from_bytes(name, &bytes).expect("a readable checkpoint")
}

#[test]
fn the_default_on_matrix_tiles_equals_the_published_code() {
    let case = in_precision(Precision::F32, TileInstructions::Soft, "5L33", &embedded());
    assert_eq!(case.model.arithmetic, Arithmetic::Split(Mixture::AS_EXACT_AS_F32));
    case.check_encoder();
    case.check_decoder();
}

#[test]
fn greedy_designs_on_matrix_tiles_equal_the_published_code() {
    let case = in_precision(Precision::F32, TileInstructions::Soft, "6MRR", &embedded());
    let encoding = Arc::new(case.encoding());
    case.model.keep_projections(&encoding, &case.workers, || Some(MemoryBudget::default().reserve_anyway(0)));
    for kind in ["design", "fixed", "tied", "biased"] {
        case.check_greedy(&encoding, kind);
    }
}

/// Small random networks of each family, with sizes of their own.
#[test]
fn networks_of_other_sizes_on_matrix_tiles_equal_the_published_code() {
    for (checkpoint, golden) in [
        ("tiny_2_2_64", "tiny_5L33"),
        ("tiny_ca_only_2_2_32", "tiny_ca_only_6MRR"),
        ("tiny_membrane_2_2_32", "tiny_membrane_6MRR"),
        ("tiny_ligand_1_1_32", "tiny_ligand_3MHT"),
    ] {
        let case = in_precision(Precision::F32, TileInstructions::Soft, golden, &committed(checkpoint));
        case.check_log_probs("log_probs");
    }
}

#[test]
fn three_terms_and_one_stay_near_the_published_code() {
    for (precision, tiles, limit, share) in [
        (Precision::Bf16x3, TileInstructions::Soft, 3e-4, 1.0),
        (Precision::Bf16, TileInstructions::Soft, 0.15, 0.97),
        (Precision::Bf16, TileInstructions::SoftDots, 0.15, 0.97),
    ] {
        for golden in ["5L33", "6MRR"] {
            let case = in_precision(precision, tiles, golden, &embedded());
            let (worst, agreeing, all) = case.differences();
            println!("{golden} {precision} on {tiles}: worst {worst:.2e}, argmax {agreeing} of {all}");
            assert!(worst <= limit, "{golden}: {precision} on {tiles}: ln p off by {worst:e}");
            assert!(agreeing as f32 >= share * all as f32, "{golden}: {precision} on {tiles}: {agreeing} of {all}");
            assert!(worst > 6e-5, "{golden}: {precision} on {tiles} is as exact as f32: it was not used");
        }
    }
}
