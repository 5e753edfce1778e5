//! `fastmpnn bench kernels`: each operation of the network by itself, on one thread, in the first-level cache.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use fastmpnn_pipeline::fastmpnn::kernels::{
    Buffer, EdgeTerms, Kernels, PairDistances, RadialBasis, RadialScratch, Rows, RowsMut, WeightedBias, padded,
};
use serde::Serialize;

use super::printing::print;
use crate::args::bench::KernelsArgs;
use fastmpnn_study::stopwatch::{PeakMeter, Summary};

const WINDOW: Duration = Duration::from_millis(3);
const WINDOWS: usize = 31;

/// H and the feed-forward width of the published networks.
const HIDDEN: usize = 128;
const FEED_FORWARD: usize = 512;
/// Edges of a tile, and of a residue.
const EDGES: [usize; 2] = [24, 48];
/// Nodes of a task.
const NODES: usize = 24;

#[derive(Serialize)]
struct KernelsRecord {
    version: &'static str,
    isa: &'static str,
    /// The median of the peaks measured between the operations, GFLOP/s of one thread.
    peak_gflops: f64,
    kernels: Vec<Row>,
}

/// An operation at one size, with its median rate.
#[derive(Serialize)]
struct Row {
    operation: &'static str,
    rows: usize,
    inputs: usize,
    outputs: usize,
    rate: f64,
    /// The unit of the rate: GFLOP/s of the product, GB/s read and written, or million numbers per second.
    unit: &'static str,
    /// The share of the peak measured just before and after; products only.
    peak_share: Option<f64>,
    /// GFLOP/s of the product of the crate `gemm` at the same size; only if it was built in.
    gemm_gflops: Option<f64>,
}

/// The size of a product `[rows, inputs] × [inputs, outputs]`, or of the operation that takes its place.
#[derive(Clone, Copy)]
struct Size {
    rows: usize,
    inputs: usize,
    outputs: usize,
}

impl Size {
    /// A map of the hidden state at each of `rows` edges.
    fn hidden(rows: usize) -> Size {
        Size { rows, inputs: HIDDEN, outputs: HIDDEN }
    }

    /// Two operations per multiply-add.
    fn gflop(self) -> f64 {
        (2 * self.rows * self.inputs * self.outputs) as f64 / 1e9
    }
}

/// The amount of work in one call of an operation.
struct Amount {
    value: f64,
    /// The unit of its rate.
    unit: &'static str,
}

/// Times operations, and the peak between them.
struct Workbench {
    kernels: Kernels,
    meter: PeakMeter,
    peaks: Vec<f64>,
    rows: Vec<Row>,
}

/// Operands of a product.
struct Operands {
    a: Buffer,
    weights: Vec<f32>,
    bias: Buffer,
    out: Buffer,
    /// Weights of the rows, or scales of the bias.
    ones: Vec<f32>,
    index: Vec<u32>,
}

pub(super) fn run(args: &KernelsArgs) -> Result<()> {
    let kernels = Kernels::detect()?;
    let meter = PeakMeter::new(kernels, 1, WINDOW);
    let mut bench = Workbench { kernels, meter, peaks: Vec::new(), rows: Vec::new() };
    for edges in EDGES {
        bench.products(Size::hidden(edges));
        bench.edge_products(edges);
    }
    bench.products(Size { rows: NODES, inputs: HIDDEN, outputs: FEED_FORWARD });
    bench.products(Size { rows: NODES, inputs: FEED_FORWARD, outputs: HIDDEN });
    bench.element_wise(EDGES[1]);
    let record = KernelsRecord {
        version: env!("CARGO_PKG_VERSION"),
        isa: kernels.isa().name(),
        peak_gflops: Summary::of(&bench.peaks).map_or(0.0, |peaks| peaks.median),
        kernels: bench.rows,
    };
    print(&record, args.json, || report(&record))
}

impl Workbench {
    /// Products fused with the operations that may follow them, on rows of nodes or edges.
    fn products(&mut self, size: Size) {
        let kernels = self.kernels;
        let Size { inputs, outputs, .. } = size;
        let Operands { a, weights, bias, mut out, ones, .. } = Operands::new(size);
        let packed = kernels.pack(&weights, outputs, inputs);
        let stride = padded(outputs);
        let a = Rows::new(&a, inputs);
        let gemm = yardstick(self, a, &weights, size);
        self.product("matmul", size, gemm, || {
            kernels.matmul(a, &packed, &bias, RowsMut::new(&mut out, stride));
        });
        self.product("matmul_gelu", size, gemm, || {
            kernels.matmul_gelu(a, &packed, &bias, RowsMut::new(&mut out, stride));
        });
        self.product("matmul_accumulate", size, gemm, || {
            kernels.matmul_accumulate(
                a,
                &packed,
                WeightedBias { bias: &bias, row_weights: &ones },
                RowsMut::new(&mut out, stride),
            );
        });
    }

    /// The two layers of a message.
    fn edge_products(&mut self, edges: usize) {
        let kernels = self.kernels;
        let size = Size::hidden(edges);
        let Operands { a, weights, bias, mut out, ones, index, .. } = Operands::new(size);
        let packed = kernels.pack(&weights, HIDDEN, HIDDEN);
        let table = numbers(edges * HIDDEN);
        let rows = Rows::new(&a, HIDDEN);
        let gemm = yardstick(self, rows, &weights, size);
        self.product("edge_gelu", size, gemm, || {
            let terms = EdgeTerms { center: &bias, table: Rows::new(&table, HIDDEN), index: &index };
            kernels.edge_gelu(rows, &packed, terms, RowsMut::new(&mut out, HIDDEN));
        });
        let mut sum = Buffer::zeros(HIDDEN);
        self.product("matmul_gelu_sum", size, gemm, || {
            kernels.matmul_gelu_sum(rows, &packed, WeightedBias { bias: &bias, row_weights: &ones }, &mut sum);
        });
    }

    fn element_wise(&mut self, edges: usize) {
        const PAIRS: usize = 5;
        let kernels = self.kernels;
        let Operands { mut a, bias, mut out, index, .. } = Operands::new(Size::hidden(edges));
        let table = numbers(edges * HIDDEN);
        let bytes = (edges * HIDDEN * size_of::<f32>()) as f64;
        let size = Size::hidden(edges);
        // The edges and the table are read, the result is written.
        self.time("gather_gelu", size, Amount { value: 3.0 * bytes / 1e9, unit: "GB/s" }, || {
            let terms = EdgeTerms { center: &bias, table: Rows::new(&table, HIDDEN), index: &index };
            kernels.gather_gelu(Rows::new(&a, HIDDEN), terms, RowsMut::new(&mut out, HIDDEN));
        });
        // The rows are read and written in place.
        self.time("layer_norm", size, Amount { value: 2.0 * bytes / 1e9, unit: "GB/s" }, || {
            kernels.layer_norm(RowsMut::new(&mut a, HIDDEN), HIDDEN, &bias, &bias);
        });
        let centers: Vec<f32> = (0..16).map(|index| 2.0 + index as f32 * 20.0 / 15.0).collect();
        let basis = RadialBasis::new(&centers, 1.25);
        let distances: Vec<f32> = (0..edges * PAIRS).map(|index| 3.0 + (index % 17) as f32).collect();
        let made = PAIRS * basis.count();
        let size = Size { rows: edges, inputs: PAIRS, outputs: made };
        self.time("radial_basis", size, Amount { value: (edges * made) as f64 / 1e6, unit: "Mnumbers/s" }, || {
            kernels.radial_basis(&basis, &distances, PAIRS, RowsMut::new(&mut out, HIDDEN));
        });
        // Distances that grow from edge to edge, as those of neighbors do; skipped products are counted too.
        let mut distances = PairDistances::default();
        distances.resize(PAIRS, edges);
        for pair in 0..PAIRS {
            for (edge, distance) in distances.of(pair).iter_mut().enumerate() {
                *distance = 3.0 + 12.0 * edge as f32 / edges as f32 + (pair % 3) as f32;
            }
        }
        let weight = kernels.pack(&numbers(made * HIDDEN), HIDDEN, made);
        let mut scratch = RadialScratch::default();
        self.product("radial_product", Size { rows: edges, inputs: made, outputs: HIDDEN }, None, || {
            kernels.radial_product(&basis, &distances, &weight, &mut scratch, RowsMut::new(&mut out, HIDDEN));
        });
    }

    fn product(&mut self, operation: &'static str, size: Size, gemm_gflops: Option<f64>, work: impl FnMut()) {
        self.time(operation, size, Amount { value: size.gflop(), unit: "GFLOP/s" }, work);
        let peak = self.peaks[self.peaks.len() - 1];
        if let Some(row) = self.rows.last_mut() {
            row.peak_share = Some(row.rate / peak);
            row.gemm_gflops = gemm_gflops;
        }
    }

    /// Times `work` and adds a row; `amount` is the work of one call.
    fn time(&mut self, operation: &'static str, size: Size, amount: Amount, work: impl FnMut()) {
        let Size { rows, inputs, outputs } = size;
        let Amount { value, unit } = amount;
        let rate = value * self.calls_a_second(work);
        self.rows.push(Row { operation, rows, inputs, outputs, rate, unit, peak_share: None, gemm_gflops: None });
    }

    /// The median number of calls per second, with the peak measured among the windows.
    fn calls_a_second(&mut self, mut work: impl FnMut()) -> f64 {
        let mut seconds_of = |calls: u64| {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            start.elapsed().as_secs_f64()
        };
        let mut calls = 1;
        while seconds_of(calls) * 4.0 < WINDOW.as_secs_f64() {
            calls *= 2;
        }
        calls *= 4;
        let (mut rates, mut peaks) = (Vec::new(), Vec::new());
        for _ in 0..WINDOWS {
            peaks.push(self.meter.measure());
            rates.push(calls as f64 / seconds_of(calls));
        }
        let median = |values: &[f64]| Summary::of(values).map_or(0.0, |summary| summary.median);
        self.peaks.push(median(&peaks));
        median(&rates)
    }
}

impl Operands {
    fn new(size: Size) -> Operands {
        let Size { rows, inputs, outputs } = size;
        Operands {
            a: numbers(rows * inputs),
            weights: numbers(inputs * outputs).to_vec(),
            bias: numbers(padded(outputs)),
            out: Buffer::zeros(rows * padded(outputs)),
            ones: vec![1.0; rows],
            // Neighbors are scattered: no row follows the one before.
            index: (0..rows as u32).map(|row| row * 7 % rows as u32).collect(),
        }
    }
}

/// Numbers between −0.1 and 0.1: products stay small however often they are added up.
fn numbers(count: usize) -> Buffer {
    let mut buffer = Buffer::zeros(count);
    for (index, value) in buffer.iter_mut().enumerate() {
        *value = ((index * 7919) % 2003) as f32 / 10_010.0 - 0.1;
    }
    black_box(buffer)
}

/// GFLOP/s of the crate `gemm`, if it was built in.
#[cfg(feature = "yardstick")]
fn yardstick(bench: &mut Workbench, a: Rows<'_>, weights: &[f32], size: Size) -> Option<f64> {
    let Size { rows, inputs, outputs } = size;
    let mut out = Buffer::zeros(rows * outputs);
    let calls = bench.calls_a_second(|| {
        fastmpnn_pipeline::fastmpnn::kernels::yardstick::matmul(
            a,
            weights,
            outputs,
            inputs,
            RowsMut::new(&mut out, outputs),
        );
    });
    Some(calls * size.gflop())
}

#[cfg(not(feature = "yardstick"))]
fn yardstick(_: &mut Workbench, _: Rows<'_>, _: &[f32], _: Size) -> Option<f64> {
    None
}

fn report(record: &KernelsRecord) -> String {
    let with_gemm = record.kernels.iter().any(|row| row.gemm_gflops.is_some());
    let mut text = format!("{}, 1 thread: peak {:.1} GFLOP/s\n", record.isa, record.peak_gflops);
    for row in &record.kernels {
        let size = format!("{} × {} → {}", row.rows, row.inputs, row.outputs);
        // Writing to a String cannot fail.
        let _ = write!(text, "{:<19}{size:<17}{:>9.1} {:<11}", row.operation, row.rate, row.unit);
        if let Some(share) = row.peak_share {
            let _ = write!(text, "{:>4.0} % of the peak", 100.0 * share);
        }
        if let Some(gemm) = row.gemm_gflops.filter(|_| with_gemm) {
            let _ = write!(text, "{gemm:>9.1} gemm");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
